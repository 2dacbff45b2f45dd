// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "jni_util.h"
#include "log.h"
#include "netmon.h"
#include "util.h"

static jlong netmonOpen(JNIEnv *env, jclass class)
{
	struct netmon *monitor;
	int err;

	(void)env;
	(void)class;
	log__reset();
	err = netmon__open(&monitor, NULL);
	return err ?: HANDLE(monitor);
}

static void netmonFree(JNIEnv *env, jclass class, jlong monitor)
{
	(void)env;
	(void)class;
	netmon__free(POINTER(struct netmon, monitor));
}

/* How many bytes of records are in the buffer. */
static jint netmonPoll(JNIEnv *env, jclass class, jlong monitor, jint timeout_ms, jobject buffer)
{
	void *records = jni__buffer(env, buffer, NETMON_MIN_ROOM);
	size_t len;
	int err;

	(void)class;
	if (!records)
		return -EINVAL;
	log__reset();
	err = netmon__poll(POINTER(struct netmon, monitor), timeout_ms, records,
	                   (size_t)(*env)->GetDirectBufferCapacity(env, buffer), &len);
	return err ?: (jint)len;
}

const JNINativeMethod jni_netmon_methods[] = {
	METHOD(netmonOpen, "()J"),
	METHOD(netmonFree, "(J)V"),
	METHOD(netmonPoll, "(JI" BUFFER ")I"),
};
const size_t jni_netmon_count = ARRAY_SIZE(jni_netmon_methods);
