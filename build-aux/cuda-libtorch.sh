# SPDX-License-Identifier: GPL-3.0-or-later
#
# build-aux/run --cuda: a CUDA build of libtorch, from which the second plug-in is built. It comes
# as packages of the Python index, through pip as the host has it configured, each of one version
# and one hash; Python itself is not needed to use it. Once the folder is there every build makes both
# plug-ins; --no-cuda takes it away. Sourced by setup.sh.
#
# torch's own list of what it needs to compute, without what only Python code uses.

# Name, version, megabytes once unpacked and sha256 of each package.
cuda_packages="\
torch 2.15.0 1143 241fea2bac4ed8351307cd13eca5020fbe231f990891be299cf683897caebfbc
nvidia-cublas 13.4.1.3 563 a5917cb642cfb07f4a0231ee16aec7e2e0357d8cb8b1b78a0c9c68dba3e6afc7
nvidia-cuda-cupti 13.2.86 49 8fa29f15dd8336181f961764d9d95236fc6b931dd0c8fcf8cd70aab0c310b586
nvidia-cuda-nvrtc 13.2.86 119 8111c5130e967b78222ea2124145f8efe9ce201b752b2579a2513100a53be1c5
nvidia-cuda-runtime 13.2.86 7 3498247680dfddce31bad102af7e3e26fc795342a3cac64722bb0fa95e7f60f0
nvidia-cudnn-cu13 9.26.0.51 888 9c976d539786698c71d6bcdbe2053b7485fae062ff7e1215d2f2ff67b1a2149a
nvidia-cufft 12.2.0.57 291 34da27fadf3979b0b042c43823f0530be8408b86df31ee0108e1ca0b621d4ef6
nvidia-cufile 1.17.1.22 3 87feaf8c3ad20d3d03a01933181801ff6892bace5c8f0b1e4b48f319d3e62d36
nvidia-cusolver 12.2.0.11 276 fab5778f6769947389a1a6abc07e635576825a08c0ffc68c3ae7f1392c794b42
nvidia-cusparse 12.7.10.12 167 25907c75e4db1581685f06f61cc6cdecc04611765516a52373e0a18ebd69fa00
nvidia-cusparselt-cu13 0.8.1 233 786ce87568c303fadb5afcc7102d454cd3040d75f6f8626f5db460d1871f4dd0
nvidia-nccl-cu13 2.30.7 253 cefa7fdb9710efd0f39c5f1be1d61ff6fc9a996c451265bd7fbdcf9455ed4b50
nvidia-nvjitlink 13.5.37 117 280d7cb9649704145f074b8dbde500de04ce02d0872e066e20a83c17bcaa93eb
nvidia-nvshmem-cu13 3.7.2 201 b9a4f843c62b5dded8ad33fd6d220e007dcd39f06cee549292f5ba14ce4c235c"
cuda_reserve=1000 # MB: a package while it is unpacked, and the build
cuda_wanted=$cache_dir/cuda-$(printf '%s\n' "$cuda_packages" | sha256sum | cut -c 1-12)

# The folder of the libtorch to build the second plug-in from; nothing where there is none. One of
# an older list serves until --cuda is asked for again.
cuda_libtorch () {
  local folder

  for folder in "$cuda_wanted" "$cache_dir"/cuda-????????????; do
    if [ -d "$folder/torch/lib" ]; then
      printf '%s/torch' "$folder"
      return
    fi
  done
}

# The wheels' own platforms, from new to old: whichever Python pip itself runs under.
cuda_platforms () {
  printf -- '--platform manylinux_2_%s_x86_64\n' $(seq 28 -1 5)
  printf -- '--platform %s_x86_64\n' manylinux2014 manylinux2010 manylinux1
}

# Runs in a process of its own: get_cuda_package FOLDER NAME VERSION SHA256
get_cuda_package () {
  local folder=$1 name=$2 version=$3 sha256=$4

  rm -rf "$folder/wheel"
  mkdir -p "$folder/wheel" || return
  printf '%s==%s --hash=sha256:%s\n' "$name" "$version" "$sha256" >"$folder/wheel/requirement"
  # shellcheck disable=SC2046
  pip_download "$folder/wheel" --require-hashes --requirement "$folder/wheel/requirement" \
    --python-version 3.13 --implementation cp --abi cp313 $(cuda_platforms) || return
  inside python3 -m zipfile -e "$folder"/wheel/*.whl "$folder" || return
  rm -rf "$folder/wheel"
  : >"$folder/.$name"
}

# Makes the folder if there is none. What an interrupted start has fetched is kept.
fetch_cuda_libtorch () {
  local part=$cuda_wanted.part name version megabytes sha256 missing=0 room i=0 n

  [ ! -d "$cuda_wanted" ] || return 0
  [ "$(uname -m)" = x86_64 ] || fail "build-aux/run --cuda knows libtorch for x86-64 only." \
    "Another one can be named with -Dlibtorch_cuda=FOLDER; see README.md."
  mkdir -p "$part" || fail "Cannot write to $cache_dir. Set XDG_CACHE_HOME to another folder."
  while read -r name version megabytes sha256; do
    [ -e "$part/.$name" ] || missing=$((missing + megabytes))
  done <<<"$cuda_packages"
  room=$(df --output=avail -B 1M "$part" | tail -n 1 | tr -d ' ')
  [ "$room" -ge $((missing + cuda_reserve)) ] || fail "A CUDA libtorch needs" \
    "$((missing + cuda_reserve)) MB in $cache_dir, and $room MB are free." \
    "Make room, or set XDG_CACHE_HOME to another folder."

  n=$(grep -c . <<<"$cuda_packages")
  while read -r name version megabytes sha256; do
    i=$((i + 1))
    [ ! -e "$part/.$name" ] || continue
    say "Fetching the CUDA libtorch, package $i of $n: $name $version ($megabytes MB unpacked)"
    logged get_cuda_package "$part" "$name" "$version" "$sha256" || fail \
      "It could not be fetched: $(tail -n 1 "$log_file" | cut -c 1-160)." \
      "Check the network connection and start again; what is there is kept." \
      "Everything it said is in $log_file."
  done <<<"$cuda_packages"
  sync -f "$part"
  mv "$part" "$cuda_wanted"
  for name in "$cache_dir"/cuda-????????????; do
    [ "$name" = "$cuda_wanted" ] || rm -rf "$name"
  done
}

remove_cuda_libtorch () {
  say "Removing the CUDA libtorch from $cache_dir"
  rm -rf "$cache_dir"/cuda-????????????{,.part}
}
