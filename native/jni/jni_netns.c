// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jni_util.h"
#include "log.h"
#include "netns_list.h"
#include "sock_end.h"
#include "util.h"

static void put_walk(struct wire_netns_walk *out, const struct netns_walk *walk)
{
	out->visited = walk->visited;
	out->failed = walk->failed;
	out->no_folder = walk->no_folder;
}

static jlong sockEndOpen(JNIEnv *env, jclass class, jlong dp)
{
	struct sock_end *ender;
	int err;

	(void)env;
	(void)class;
	log__reset();
	err = sock_end__open(&ender, POINTER(struct dataplane, dp));
	return err ?: HANDLE(ender);
}

static void sockEndFree(JNIEnv *env, jclass class, jlong ender)
{
	(void)env;
	(void)class;
	sock_end__free(POINTER(struct sock_end, ender));
}

/* How many sockets were ended. */
static jint sockEndRun(JNIEnv *env, jclass class, jlong ender, jstring folder, jboolean v4,
                       jboolean v6, jobject walk)
{
	struct wire_netns_walk *out = jni__buffer(env, walk, sizeof(*out));
	struct netns_walk walked;
	char path[PATH_MAX];
	uint32_t ended;
	int err = jni__path(env, folder, path);

	(void)class;
	log__reset();
	if (err || !out)
		return err ?: -EINVAL;
	err = sock_end__run(POINTER(struct sock_end, ender), path, v4, v6, &walked, &ended);
	if (err)
		return err;
	put_walk(out, &walked);
	return (jint)ended;
}

/* The number of addresses; as many as fit are in the buffer. */
static jint netnsList(JNIEnv *env, jclass class, jstring folder, jobject walk, jobject addresses)
{
	struct wire_netns_walk *out = jni__buffer(env, walk, sizeof(*out));
	_cleanup_free_ struct wire_netns_address *found = NULL;
	void *list = jni__buffer(env, addresses, 0);
	struct netns_walk walked;
	char path[PATH_MAX];
	size_t n, fit;
	int err = jni__path(env, folder, path);

	(void)class;
	log__reset();
	if (err || !out || !list)
		return err ?: -EINVAL;
	err = netns_list__read(path, &found, &n, &walked);
	if (err)
		return err;
	put_walk(out, &walked);
	fit = (size_t)(*env)->GetDirectBufferCapacity(env, addresses) / sizeof(*found);
	if (n)
		memcpy(list, found, (n < fit ? n : fit) * sizeof(*found));
	return (jint)n;
}

const JNINativeMethod jni_netns_methods[] = {
	METHOD(sockEndOpen, "(J)J"),
	METHOD(sockEndFree, "(J)V"),
	METHOD(sockEndRun, "(J" STRING "ZZ" BUFFER ")I"),
	METHOD(netnsList, "(" STRING BUFFER BUFFER ")I"),
};
const size_t jni_netns_count = ARRAY_SIZE(jni_netns_methods);
