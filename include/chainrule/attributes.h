/* Compiler extensions of the public headers: each is nothing where it is unknown. */
#ifndef CHAINRULE_ATTRIBUTES_H
#define CHAINRULE_ATTRIBUTES_H

#if defined(__GNUC__)
#define CR_MUST_CHECK __attribute__((warn_unused_result))
#define CR_PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))
#define CR_API __attribute__((visibility("default")))
#else
#define CR_MUST_CHECK
#define CR_PRINTF(text, first)
#define CR_API
#endif

/* Brackets of a header's declarations, which C++ sees as those of C. */
#ifdef __cplusplus
#define CR_BEGIN_DECLARATIONS extern "C" {
#define CR_END_DECLARATIONS }
#else
#define CR_BEGIN_DECLARATIONS
#define CR_END_DECLARATIONS
#endif

#endif
