/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTokenTrie: byte strings to ids, walked byte by byte, so that the longest match is found in
 * time proportional to its length however many tokens there are. Private to this room.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Nodes are numbered from the root; a node's byte and number share 32 bits. */
#define ATTUNE_TOKEN_TRIE_ROOT 0u
#define ATTUNE_TOKEN_TRIE_NO_NODE G_MAXUINT32
#define ATTUNE_TOKEN_TRIE_MAX_NODES (1u << 24)

typedef struct _AttuneTokenTrie AttuneTokenTrie;

AttuneTokenTrie *attune_token_trie_new     (void);
void             attune_token_trie_free    (AttuneTokenTrie       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTokenTrie, attune_token_trie_free)

gint32           attune_token_trie_insert  (AttuneTokenTrie       *self,
                                            const char            *token,
                                            gsize                  length,
                                            gint32                 id);
guint32          attune_token_trie_descend (const AttuneTokenTrie *self,
                                            guint32                node,
                                            const char            *bytes,
                                            gsize                  length);
gint32           attune_token_trie_get_id  (const AttuneTokenTrie *self,
                                            guint32                node);
gsize            attune_token_trie_longest (const AttuneTokenTrie *self,
                                            guint32                node,
                                            const char            *bytes,
                                            gsize                  length,
                                            gint32                *id);

G_END_DECLS
