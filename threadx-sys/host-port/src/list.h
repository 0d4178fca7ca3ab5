/* Circular, doubly linked lists whose links are members of the items, in order of addition. */

#ifndef TX_HOST_LIST_H
#define TX_HOST_LIST_H

/* Add an item at the end. */
#define LIST_APPEND(head, count, item, next, previous)   \
    do                                                   \
    {                                                    \
        if ((head) == TX_NULL)                           \
        {                                                \
            (head) = (item);                             \
            (item)->next = (item);                       \
            (item)->previous = (item);                   \
        }                                                \
        else                                             \
        {                                                \
            (item)->next = (head);                       \
            (item)->previous = (head)->previous;         \
            (head)->previous->next = (item);             \
            (head)->previous = (item);                   \
        }                                                \
        (count)++;                                       \
    } while (0)

/* Take an item off. */
#define LIST_REMOVE(head, count, item, next, previous)   \
    do                                                   \
    {                                                    \
        (item)->next->previous = (item)->previous;       \
        (item)->previous->next = (item)->next;           \
        if ((head) == (item))                            \
        {                                                \
            (head) = (item)->next;                       \
        }                                                \
        if (--(count) == 0)                              \
        {                                                \
            (head) = TX_NULL;                            \
        }                                                \
        (item)->next = TX_NULL;                          \
        (item)->previous = TX_NULL;                      \
    } while (0)

/* Set `found` to whether an item is on a list; looks at addresses only, so that the item may be any memory. */
#define LIST_CONTAINS(found, head, count, item, cursor, next) \
    do                                                        \
    {                                                         \
        ULONG list_left = (count);                            \
        (found) = TX_FALSE;                                   \
        for ((cursor) = (head); list_left > 0; list_left--)   \
        {                                                     \
            if ((cursor) == (item))                           \
            {                                                 \
                (found) = TX_TRUE;                            \
                break;                                        \
            }                                                 \
            (cursor) = (cursor)->next;                        \
        }                                                     \
    } while (0)

#endif
