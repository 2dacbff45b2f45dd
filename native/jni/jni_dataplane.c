// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "abi.h"
#include "dataplane.h"
#include "jni_util.h"
#include "log.h"
#include "util.h"

static jlong dataplaneOpen(JNIEnv *env, jclass class, jstring bpffs, jstring objects,
                           jobject options)
{
	char pins[PATH_MAX], folder[PATH_MAX];
	struct dataplane_opts opts = {
		.sz = sizeof(opts),
		.bpffs = pins,
		.objects = folder,
		.options = jni__buffer(env, options, sizeof(struct wire_options)),
	};
	struct dataplane *dp;
	int err;

	(void)class;
	log__reset();
	if (!opts.options)
		return -EINVAL;
	err = jni__path(env, bpffs, pins);
	err = err ?: jni__path(env, objects, folder);
	err = err ?: dataplane__open(&dp, &opts);
	return err ?: HANDLE(dp);
}

static void dataplaneFree(JNIEnv *env, jclass class, jlong dp)
{
	(void)env;
	(void)class;
	dataplane__free(POINTER(struct dataplane, dp));
}

static jint dataplaneFeatures(JNIEnv *env, jclass class, jlong dp)
{
	(void)env;
	(void)class;
	return (jint)dataplane__features(POINTER(struct dataplane, dp));
}

static jlong dataplaneMap(JNIEnv *env, jclass class, jlong dp, jstring name, jobject info)
{
	struct wire_map_info *out = jni__buffer(env, info, sizeof(*out));
	char text[PATH_MAX];
	const struct map *map;
	int err = jni__path(env, name, text);

	(void)class;
	if (err || !out)
		return err ?: -EINVAL;
	map = dataplane__map(POINTER(struct dataplane, dp), text);
	if (!map)
		return -ENOENT;
	out->key_size = map->key_size;
	out->value_size = map->value_size;
	out->max_entries = map->max_entries;
	return HANDLE(map);
}

static jint dataplaneGc(JNIEnv *env, jclass class, jlong dp, jint family, jobject args)
{
	struct gc_args *run = jni__buffer(env, args, sizeof(*run));

	(void)class;
	if (!run)
		return -EINVAL;
	log__reset();
	return dataplane__gc(POINTER(struct dataplane, dp), family, run);
}

static jint dataplaneRoom(JNIEnv *env, jclass class, jlong dp, jint family, jobject room)
{
	struct room *out = jni__buffer(env, room, sizeof(*out));

	(void)class;
	if (!out)
		return -EINVAL;
	log__reset();
	return dataplane__room(POINTER(struct dataplane, dp), family, out);
}

static jint dataplaneRepin(JNIEnv *env, jclass class, jlong dp)
{
	(void)env;
	(void)class;
	log__reset();
	return dataplane__repin(POINTER(struct dataplane, dp));
}

/* How many packets were run. */
static jint dataplaneRun(JNIEnv *env, jclass class, jlong dp, jstring program, jobject packets,
                         jint n, jobject frames, jint size)
{
	struct wire_packet *list = n < 0 ? NULL
	                                 : jni__buffer(env, packets, (size_t)n * sizeof(*list));
	const void *bytes = size < 0 ? NULL : jni__buffer(env, frames, (size_t)size);
	char name[PATH_MAX];
	int err = jni__path(env, program, name);

	(void)class;
	log__reset();
	if (err || !list || !bytes)
		return err ?: -EINVAL;
	return dataplane__run(POINTER(struct dataplane, dp), name, list, (uint32_t)n, bytes,
	                      (size_t)size);
}

static jint dataplaneTrace(JNIEnv *env, jclass class, jlong dp, jstring program, jobject packet,
                           jobject frame, jint size, jobject trace)
{
	struct wire_packet *question = jni__buffer(env, packet, sizeof(*question));
	const void *bytes = size < 0 ? NULL : jni__buffer(env, frame, (size_t)size);
	struct trace *out = jni__buffer(env, trace, sizeof(*out));
	char name[PATH_MAX];
	int err = jni__path(env, program, name);

	(void)class;
	log__reset();
	if (err || !question || !bytes || !out)
		return err ?: -EINVAL;
	return dataplane__trace(POINTER(struct dataplane, dp), name, question, bytes, (size_t)size,
	                        out);
}

static jint dataplaneCleanup(JNIEnv *env, jclass class, jstring bpffs)
{
	char path[PATH_MAX];
	int err = jni__path(env, bpffs, path);

	(void)class;
	log__reset();
	return err ?: dataplane__cleanup(path);
}

const JNINativeMethod jni_dataplane_methods[] = {
	METHOD(dataplaneOpen, "(" STRING STRING BUFFER ")J"),
	METHOD(dataplaneFree, "(J)V"),
	METHOD(dataplaneFeatures, "(J)I"),
	METHOD(dataplaneMap, "(J" STRING BUFFER ")J"),
	METHOD(dataplaneGc, "(JI" BUFFER ")I"),
	METHOD(dataplaneRoom, "(JI" BUFFER ")I"),
	METHOD(dataplaneRepin, "(J)I"),
	METHOD(dataplaneRun, "(J" STRING BUFFER "I" BUFFER "I)I"),
	METHOD(dataplaneTrace, "(J" STRING BUFFER BUFFER "I" BUFFER ")I"),
	METHOD(dataplaneCleanup, "(" STRING ")I"),
};
const size_t jni_dataplane_count = ARRAY_SIZE(jni_dataplane_methods);
