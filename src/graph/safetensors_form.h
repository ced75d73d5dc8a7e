/* What reading and writing of safetensors files have in common. */
#ifndef CHAINRULE_GRAPH_SAFETENSORS_FORM_H
#define CHAINRULE_GRAPH_SAFETENSORS_FORM_H

#ifdef CR_FLOAT64
#define CR_SAFETENSORS_DTYPE "F64"
#else
#define CR_SAFETENSORS_DTYPE "F32"
#endif

#define CR_SAFETENSORS_FORMAT "chainrule 1"
#define CR_SAFETENSORS_KEY "\"crc32\":\"" /* the checksum's digits stand behind it */

enum {
    CR_SAFETENSORS_DIGITS = 8, /* of the checksum */
    CR_SAFETENSORS_LENGTH = 8, /* bytes of the header's length */
};

#endif
