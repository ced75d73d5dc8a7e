/* What was meant by a word on the command line that is none of ours. */
#ifndef CHAINRULE_COMMANDS_SUGGEST_H
#define CHAINRULE_COMMANDS_SUGGEST_H

#include "base/text.h"
#include "commands/command.h"

/* Adds a sentence about an option that the command does not have, such as "--epochs" or
 * "--lr=0.1": the key of a config that goes by this name or by another tool's, written as
 * an override, or the command's own option that is spelt alike; nothing where none is.
 * value: what stands behind it, or NULL. */
void cr_suggest_option(cr_text *out, const cr_command *command, const char *option,
                       const char *value);

/* Adds what was meant by an argument that is no command: one that is spelt alike or that
 * another tool calls so, or train where it is a config. */
void cr_suggest_command(cr_text *out, const char *word);

/* Whether a config has a key at this path: "training.epochs". */
bool cr_suggest_is_key(const char *path);

/* Whether "key.path=value" begins with a key of the config itself. */
bool cr_suggest_is_in_config(const char *override);

/* Adds what is known, and before it the name that is spelt like the word:
 * `; did you mean "text"? known: text, json`. */
void cr_suggest_known(cr_text *out, const char *word, const char *const *names,
                      size_t count);

/* A usage error about a value that is none of the names: `unknown <what> "<word>"; …`.
 * Returns the exit status. */
int cr_suggest_unknown(const cr_command *command, const char *what, const char *word,
                       const char *const *names, size_t count);

#endif
