// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "arena.h"
#include "dataplane.h"
#include "pins.h"
#include "jni_util.h"
#include "log.h"
#include "util.h"

/* Numbers copied between a Java array and the arena at a time. */
#define ARENA_CHUNK 1024

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

static jint dataplaneAttach(JNIEnv *env, jclass class, jlong dp, jint ifindex, jint role)
{
	(void)env;
	(void)class;
	log__reset();
	return dataplane__attach(POINTER(struct dataplane, dp), (uint32_t)ifindex,
	                         (enum wire_role)role);
}

static jint dataplaneDetach(JNIEnv *env, jclass class, jlong dp, jint ifindex, jint role)
{
	(void)env;
	(void)class;
	log__reset();
	return dataplane__detach(POINTER(struct dataplane, dp), (uint32_t)ifindex,
	                         (enum wire_role)role);
}

static jint dataplaneAttachXdp(JNIEnv *env, jclass class, jlong dp, jint ifindex, jint use)
{
	(void)env;
	(void)class;
	log__reset();
	return dataplane__attach_xdp(POINTER(struct dataplane, dp), (uint32_t)ifindex,
	                             (uint32_t)use);
}

static jint dataplaneDetachXdp(JNIEnv *env, jclass class, jlong dp, jint ifindex)
{
	(void)env;
	(void)class;
	log__reset();
	return dataplane__detach_xdp(POINTER(struct dataplane, dp), (uint32_t)ifindex);
}

static jbyteArray dataplaneXdpError(JNIEnv *env, jclass class, jlong dp)
{
	const char *text = dataplane__xdp_error(POINTER(struct dataplane, dp));

	(void)class;
	return text ? jni__bytes(env, text) : NULL;
}

/* The number of attachments; as many as fit are in the buffer. */
static jint dataplaneAttachments(JNIEnv *env, jclass class, jlong dp, jobject buffer)
{
	_cleanup_free_ struct wire_attachment *found = NULL;
	jlong capacity = (*env)->GetDirectBufferCapacity(env, buffer);
	void *out = jni__buffer(env, buffer, 0);
	size_t n, fit;
	int err;

	(void)class;
	if (!out)
		return -EINVAL;
	log__reset();
	err = dataplane__attachments(POINTER(struct dataplane, dp), &found, &n);
	if (err)
		return err;
	fit = (size_t)capacity / sizeof(*found);
	if (n)
		memcpy(out, found, (n < fit ? n : fit) * sizeof(*found));
	return (jint)n;
}

static jint dataplaneAttachSockets(JNIEnv *env, jclass class, jlong dp, jstring cgroup)
{
	char path[PATH_MAX];
	int err = jni__path(env, cgroup, path);

	(void)class;
	log__reset();
	return err ?: dataplane__attach_sockets(POINTER(struct dataplane, dp), path);
}

static jint dataplaneDetachSockets(JNIEnv *env, jclass class, jlong dp)
{
	(void)env;
	(void)class;
	log__reset();
	return dataplane__detach_sockets(POINTER(struct dataplane, dp));
}

static jbyteArray dataplaneSocketsError(JNIEnv *env, jclass class, jlong dp)
{
	const char *text = dataplane__sockets_error(POINTER(struct dataplane, dp));

	(void)class;
	return text ? jni__bytes(env, text) : NULL;
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

static jint dataplaneServing(JNIEnv *env, jclass class, jlong dp, jint index)
{
	(void)env;
	(void)class;
	log__reset();
	return dataplane__serving(POINTER(struct dataplane, dp), (uint32_t)index);
}

static jint dataplaneSetServing(JNIEnv *env, jclass class, jlong dp, jint index, jint value)
{
	(void)env;
	(void)class;
	log__reset();
	return dataplane__set_serving(POINTER(struct dataplane, dp), (uint32_t)index,
	                              (uint32_t)value);
}

static jint dataplaneAdopt(JNIEnv *env, jclass class, jlong dp, jint what, jobject adoption)
{
	struct wire_adoption *out = jni__buffer(env, adoption, sizeof(*out));

	(void)class;
	if (!out)
		return -EINVAL;
	log__reset();
	return dataplane__adopt(POINTER(struct dataplane, dp), (enum wire_adopt)what, out);
}

static jint pinsServing(JNIEnv *env, jclass class, jstring bpffs, jint index)
{
	char path[PATH_MAX];
	int err = jni__path(env, bpffs, path);

	(void)class;
	log__reset();
	return err ?: pins__serving(path, (uint32_t)index);
}

static jint pinsSetServing(JNIEnv *env, jclass class, jstring bpffs, jint index, jint value)
{
	char path[PATH_MAX];
	int err = jni__path(env, bpffs, path);

	(void)class;
	log__reset();
	return err ?: pins__set_serving(path, (uint32_t)index, (uint32_t)value);
}

static jint pinsAdopt(JNIEnv *env, jclass class, jstring bpffs, jobject adoption)
{
	struct wire_adoption *out = jni__buffer(env, adoption, sizeof(*out));
	char path[PATH_MAX];
	int err = jni__path(env, bpffs, path);

	(void)class;
	log__reset();
	if (err || !out)
		return err ?: -EINVAL;
	return pins__adopt(path, out);
}

static jint pinsHandBack(JNIEnv *env, jclass class, jstring bpffs, jint what, jobject result)
{
	struct wire_handback *out = jni__buffer(env, result, sizeof(*out));
	char path[PATH_MAX];
	int err = jni__path(env, bpffs, path);

	(void)class;
	log__reset();
	if (err || !out)
		return err ?: -EINVAL;
	return pins__hand_back(path, (enum wire_hand)what, out);
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

const JNINativeMethod jni_dataplane_methods[] = {
	METHOD(dataplaneOpen, "(" STRING STRING BUFFER ")J"),
	METHOD(dataplaneFree, "(J)V"),
	METHOD(dataplaneFeatures, "(J)I"),
	METHOD(dataplaneMap, "(J" STRING BUFFER ")J"),
	METHOD(dataplaneAttach, "(JII)I"),
	METHOD(dataplaneDetach, "(JII)I"),
	METHOD(dataplaneAttachXdp, "(JII)I"),
	METHOD(dataplaneDetachXdp, "(JI)I"),
	METHOD(dataplaneXdpError, "(J)[B"),
	METHOD(dataplaneAttachments, "(J" BUFFER ")I"),
	METHOD(dataplaneAttachSockets, "(J" STRING ")I"),
	METHOD(dataplaneDetachSockets, "(J)I"),
	METHOD(dataplaneSocketsError, "(J)[B"),
	METHOD(dataplaneGc, "(JI" BUFFER ")I"),
	METHOD(dataplaneRoom, "(JI" BUFFER ")I"),
	METHOD(dataplaneRepin, "(J)I"),
	METHOD(dataplaneServing, "(JI)I"),
	METHOD(dataplaneSetServing, "(JII)I"),
	METHOD(dataplaneAdopt, "(JI" BUFFER ")I"),
	METHOD(pinsServing, "(" STRING "I)I"),
	METHOD(pinsSetServing, "(" STRING "II)I"),
	METHOD(pinsAdopt, "(" STRING BUFFER ")I"),
	METHOD(pinsHandBack, "(" STRING "I" BUFFER ")I"),
	METHOD(dataplaneRun, "(J" STRING BUFFER "I" BUFFER "I)I"),
	METHOD(dataplaneTrace, "(J" STRING BUFFER BUFFER "I" BUFFER ")I"),
	METHOD(dataplaneCleanup, "(" STRING ")I"),
	METHOD(arenaCapacity, "(J)I"),
	METHOD(arenaStore, "(JI[J)I"),
	METHOD(arenaLoad, "(JI[J)I"),
};
const size_t jni_dataplane_count = ARRAY_SIZE(jni_dataplane_methods);
