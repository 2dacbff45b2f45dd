/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JNI side marshals and decides nothing. Pointers travel as long, 0 = none; results are values
 * or -errno; buffers are direct and used from index 0, and their capacity is checked here once more.
 * The only exceptions thrown from C are the JVM's own OutOfMemoryErrors.
 */
#ifndef MILLRACE_JNI_UTIL_H
#define MILLRACE_JNI_UTIL_H

#include <jni.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#define HANDLE(ptr)           ((jlong)(uintptr_t)(ptr))
#define POINTER(type, handle) ((type *)(uintptr_t)(handle))

/* The address of a direct buffer that holds at least @size bytes, or NULL. */
void *jni__buffer(JNIEnv *env, jobject buffer, size_t size);

/* Copies a string; -ENAMETOOLONG. */
int jni__path(JNIEnv *env, jstring string, char path[PATH_MAX]);

/* The bytes of a text; NULL if there is no memory, and an exception waits. */
jbyteArray jni__bytes(JNIEnv *env, const char *text);

/* The tables that jni_load.c registers. */
extern const JNINativeMethod jni_arena_methods[];
extern const size_t jni_arena_count;
extern const JNINativeMethod jni_attach_methods[];
extern const size_t jni_attach_count;
extern const JNINativeMethod jni_dataplane_methods[];
extern const size_t jni_dataplane_count;
extern const JNINativeMethod jni_events_methods[];
extern const size_t jni_events_count;
extern const JNINativeMethod jni_map_methods[];
extern const size_t jni_map_count;
extern const JNINativeMethod jni_netmon_methods[];
extern const size_t jni_netmon_count;
extern const JNINativeMethod jni_netns_methods[];
extern const size_t jni_netns_count;
extern const JNINativeMethod jni_serving_methods[];
extern const size_t jni_serving_count;
extern const JNINativeMethod jni_upgrade_methods[];
extern const size_t jni_upgrade_count;

#define BUFFER         "Ljava/nio/ByteBuffer;"
#define STRING         "Ljava/lang/String;"
#define METHOD(n, sig) { .name = (char *)#n, .signature = (char *)(sig), .fnPtr = (void *)(n) }

#endif
