// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "jni_util.h"
#include "log.h"
#include "map.h"
#include "util.h"

/* applied in the lower half, the positive errno in the upper. */
static jlong batch_result(uint32_t applied, int err)
{
	return (jlong)((uint64_t)(uint32_t)-err << 32 | applied);
}

static jlong mapUpdate(JNIEnv *env, jclass class, jlong handle, jobject keys, jobject values,
                       jint n)
{
	const struct map *map = POINTER(const struct map, handle);
	const void *k = jni__buffer(env, keys, (size_t)n * map->key_size);
	const void *v = jni__buffer(env, values, (size_t)n * map->value_size);
	uint32_t applied = 0;
	int err;

	(void)class;
	if (n < 0 || !k || !v)
		return batch_result(0, -EINVAL);
	err = map__update(map, k, v, (uint32_t)n, &applied);
	return batch_result(applied, err);
}

static jlong mapDelete(JNIEnv *env, jclass class, jlong handle, jobject keys, jint n)
{
	const struct map *map = POINTER(const struct map, handle);
	const void *k = jni__buffer(env, keys, (size_t)n * map->key_size);
	uint32_t applied = 0;
	int err;

	(void)class;
	if (n < 0 || !k)
		return batch_result(0, -EINVAL);
	err = map__delete(map, k, (uint32_t)n, &applied);
	return batch_result(applied, err);
}

/* Adds up @n counters of one entry of a per-CPU array. */
static jint mapSumPercpu(JNIEnv *env, jclass class, jlong handle, jint index, jobject sums, jint n)
{
	uint64_t *out = n < 0 ? NULL : jni__buffer(env, sums, (size_t)n * sizeof(*out));

	(void)class;
	if (!out)
		return -EINVAL;
	log__reset();
	return map__sum_percpu(POINTER(const struct map, handle), (uint32_t)index, out, (size_t)n);
}

static jlong dumpOpen(JNIEnv *env, jclass class, jlong handle)
{
	struct map_dump *dump;
	int err = map_dump__open(&dump, POINTER(const struct map, handle));

	(void)env;
	(void)class;
	return err ?: HANDLE(dump);
}

static void dumpFree(JNIEnv *env, jclass class, jlong dump)
{
	(void)env;
	(void)class;
	map_dump__free(POINTER(struct map_dump, dump));
}

/* How many entries are in the buffers, 0 at the end. */
static jint dumpNext(JNIEnv *env, jclass class, jlong dump, jlong handle, jobject keys,
                     jobject values, jint room)
{
	const struct map *map = POINTER(const struct map, handle);
	void *k = jni__buffer(env, keys, (size_t)room * map->key_size);
	void *v = jni__buffer(env, values, (size_t)room * map->value_size);
	uint32_t n;
	int err;

	(void)class;
	if (room < 0 || !k || !v)
		return -EINVAL;
	log__reset();
	err = map_dump__next(POINTER(struct map_dump, dump), k, v, (uint32_t)room, &n);
	return err ?: (jint)n;
}

const JNINativeMethod jni_map_methods[] = {
	METHOD(mapUpdate, "(J" BUFFER BUFFER "I)J"),
	METHOD(mapDelete, "(J" BUFFER "I)J"),
	METHOD(mapSumPercpu, "(JI" BUFFER "I)I"),
	METHOD(dumpOpen, "(J)J"),
	METHOD(dumpFree, "(J)V"),
	METHOD(dumpNext, "(JJ" BUFFER BUFFER "I)I"),
};
const size_t jni_map_count = ARRAY_SIZE(jni_map_methods);
