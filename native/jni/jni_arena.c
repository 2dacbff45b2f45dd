// SPDX-License-Identifier: Apache-2.0
/* Slots of services, read and written by the run. */
#include "arena.h"
#include "dataplane.h"
#include "jni_util.h"
#include "util.h"

/* Numbers copied between a Java array and the arena at a time. */
#define ARENA_CHUNK 1024

static jint arenaCapacity(JNIEnv *env, jclass class, jlong dp)
{
	(void)env;
	(void)class;
	return (jint)arena__capacity(dataplane__slots(POINTER(struct dataplane, dp)));
}

static jint arenaStore(JNIEnv *env, jclass class, jlong dp, jint base, jlongArray values)
{
	struct arena *arena = dataplane__slots(POINTER(struct dataplane, dp));
	jsize n = (*env)->GetArrayLength(env, values);
	jlong chunk[ARENA_CHUNK];

	(void)class;
	for (jsize at = 0; at < n; at += ARENA_CHUNK) {
		jsize len = n - at < ARENA_CHUNK ? n - at : ARENA_CHUNK;
		int err;

		(*env)->GetLongArrayRegion(env, values, at, len, chunk);
		err = arena__store(arena, (uint32_t)base + (uint32_t)at, (const uint64_t *)chunk,
		                   (uint32_t)len);
		if (err)
			return err;
	}
	return 0;
}

static jint arenaLoad(JNIEnv *env, jclass class, jlong dp, jint base, jlongArray values)
{
	struct arena *arena = dataplane__slots(POINTER(struct dataplane, dp));
	jsize n = (*env)->GetArrayLength(env, values);
	jlong chunk[ARENA_CHUNK];

	(void)class;
	for (jsize at = 0; at < n; at += ARENA_CHUNK) {
		jsize len = n - at < ARENA_CHUNK ? n - at : ARENA_CHUNK;
		int err = arena__load(arena, (uint32_t)base + (uint32_t)at, (uint64_t *)chunk,
		                      (uint32_t)len);

		if (err)
			return err;
		(*env)->SetLongArrayRegion(env, values, at, len, chunk);
	}
	return 0;
}

const JNINativeMethod jni_arena_methods[] = {
	METHOD(arenaCapacity, "(J)I"),
	METHOD(arenaStore, "(JI[J)I"),
	METHOD(arenaLoad, "(JI[J)I"),
};
const size_t jni_arena_count = ARRAY_SIZE(jni_arena_methods);
