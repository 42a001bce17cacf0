#ifndef BASE_ATTR_H
#define BASE_ATTR_H

/* GNU attributes, named once, so that the rest of the tree reads as C17. */

#define MUST_CHECK            __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, arg) __attribute__((format(printf, fmt, arg)))
#define NORETURN              _Noreturn
#define UNUSED                __attribute__((unused))

/* Runs fn(&variable) when the variable goes out of scope; fn must accept a zeroed variable. */
#define SCOPED(fn) __attribute__((cleanup(fn)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif

#endif
