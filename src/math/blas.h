/* The matrix product of BLAS, and what the library says of itself. */
#ifndef CHAINRULE_MATH_BLAS_H
#define CHAINRULE_MATH_BLAS_H

#include "math/gemm.h"

void cr_blas_gemm(const cr_gemm *product);

/* Threads that a product may use from now on, for the whole process. */
void cr_blas_set_threads(int threads);

/* Processors that the library counts. */
int cr_blas_processors(void);

/* Name and version of the library that runs, such as "OpenBLAS 0.3.21", into out. Returns
 * out. */
enum { CR_BLAS_NAME = 64 };
const char *cr_blas_library(char out[CR_BLAS_NAME]);

/* The kernel in use, such as "Cooperlake"; the text lives as long as the process. */
const char *cr_blas_kernel(void);

/* Variables of the environment: the kernel that the library is to take, and the same
 * where this program and not its user has set it. */
#define CR_BLAS_CHOICE "OPENBLAS_CORETYPE"
#define CR_BLAS_OWN_CHOICE "CHAINRULE_CORETYPE"

/* Who chose the kernel, for a message: "chosen by OPENBLAS_CORETYPE"; NULL: the library.
 */
const char *cr_blas_chooser(void);

/* Where the library does not know the processor, and runs its oldest kernel: the one to
 * ask for. NULL: there is none, or one was asked for already. */
const char *cr_blas_better_kernel(void);

/* Why that kernel is slower than this processor can be, a sentence into out; NULL where
 * nothing is known against it. */
enum { CR_BLAS_WARNING = 256 };
const char *cr_blas_warning(char out[CR_BLAS_WARNING]);

#endif
