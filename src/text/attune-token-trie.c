/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTokenTrie: all edges of the trie live in one open-addressing hash table, keyed by node and
 * byte. That is built in linear time, eight bytes an edge, and a step costs one probe.
 */
#include "config.h"

#include "attune-token-trie.h"

#define INITIAL_EDGE_BITS 12

typedef struct {
  guint32 key;   /* node << 8 | byte */
  guint32 child; /* 0, the root, is nobody's child: a free slot */
} Edge;

struct _AttuneTokenTrie {
  Edge *edges; /* (1 << edge_bits,) */
  guint edge_bits;
  GArray *ids; /* gint32 (nodes,): the id of the token that ends there, else -1 */
};

/* The slot of key, or the free slot where it belongs. */
static inline Edge *
find_slot (const AttuneTokenTrie *self,
           guint32                key)
{
  const guint32 mask = (1u << self->edge_bits) - 1;
  /* Fibonacci hashing: the upper bits of the product depend on all bits of the key. */
  const guint64 product = key * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  guint32 slot = (guint32) (product >> (64 - self->edge_bits));

  while (self->edges[slot].child != 0 && self->edges[slot].key != key)
    slot = (slot + 1) & mask;

  return &self->edges[slot];
}

static void
grow (AttuneTokenTrie *self)
{
  g_autofree Edge *old_edges = g_steal_pointer (&self->edges);
  const gsize n_old_edges = (gsize) 1 << self->edge_bits;

  self->edge_bits++;
  self->edges = g_new0 (Edge, (gsize) 1 << self->edge_bits);
  for (gsize i = 0; i < n_old_edges; i++)
    {
      if (old_edges[i].child != 0)
        *find_slot (self, old_edges[i].key) = old_edges[i];
    }
}

static guint32
add_node (AttuneTokenTrie *self)
{
  const gint32 no_id = -1;

  g_array_append_val (self->ids, no_id);

  return self->ids->len - 1;
}

AttuneTokenTrie *
attune_token_trie_new (void)
{
  AttuneTokenTrie *self = g_new0 (AttuneTokenTrie, 1);

  self->edge_bits = INITIAL_EDGE_BITS;
  self->edges = g_new0 (Edge, (gsize) 1 << self->edge_bits);
  self->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  add_node (self);

  return self;
}

void
attune_token_trie_free (AttuneTokenTrie *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->ids);
  g_free (self->edges);
  g_free (self);
}

/* Adds token of length bytes. Returns id, or the id that the same token has already. The caller
 * sees to it that all tokens together have fewer than ATTUNE_TOKEN_TRIE_MAX_NODES bytes. */
gint32
attune_token_trie_insert (AttuneTokenTrie *self,
                          const char      *token,
                          gsize            length,
                          gint32           id)
{
  guint32 node = ATTUNE_TOKEN_TRIE_ROOT;
  gint32 *node_id;

  for (gsize i = 0; i < length; i++)
    {
      const guint32 key = node << 8 | (guint8) token[i];
      Edge *edge = find_slot (self, key);

      if (edge->child == 0)
        {
          g_assert (self->ids->len < ATTUNE_TOKEN_TRIE_MAX_NODES);
          edge->key = key;
          edge->child = add_node (self);
          node = edge->child;
          /* At most half full. */
          if ((gsize) self->ids->len * 2 > (gsize) 1 << self->edge_bits)
            grow (self);
        }
      else
        {
          node = edge->child;
        }
    }

  node_id = &g_array_index (self->ids, gint32, node);
  if (*node_id < 0)
    *node_id = id;

  return *node_id;
}

/* The node length bytes below node, or ATTUNE_TOKEN_TRIE_NO_NODE. */
guint32
attune_token_trie_descend (const AttuneTokenTrie *self,
                           guint32                node,
                           const char            *bytes,
                           gsize                  length)
{
  for (gsize i = 0; i < length; i++)
    {
      const Edge *edge = find_slot (self, node << 8 | (guint8) bytes[i]);

      if (edge->child == 0)
        return ATTUNE_TOKEN_TRIE_NO_NODE;
      node = edge->child;
    }

  return node;
}

/* The id of the token that ends at node, or -1. */
gint32
attune_token_trie_get_id (const AttuneTokenTrie *self,
                          guint32                node)
{
  return g_array_index (self->ids, gint32, node);
}

/* Bytes of the longest token that continues from node and begins at bytes, with its id; 0 if there
 * is none. */
gsize
attune_token_trie_longest (const AttuneTokenTrie *self,
                           guint32                node,
                           const char            *bytes,
                           gsize                  length,
                           gint32                *id)
{
  const gint32 *ids = (const gint32 *) (gpointer) self->ids->data;
  gsize longest = 0;

  for (gsize i = 0; i < length; i++)
    {
      const Edge *edge = find_slot (self, node << 8 | (guint8) bytes[i]);

      if (edge->child == 0)
        break;
      node = edge->child;
      if (ids[node] >= 0)
        {
          longest = i + 1;
          *id = ids[node];
        }
    }

  return longest;
}
