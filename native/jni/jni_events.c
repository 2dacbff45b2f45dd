// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "abi.h"
#include "dataplane.h"
#include "event_ring.h"
#include "jni_util.h"
#include "log.h"
#include "util.h"

static jlong eventsOpen(JNIEnv *env, jclass class, jlong dp)
{
	const struct map *map = dataplane__map(POINTER(struct dataplane, dp), "events");
	struct event_ring *ring;
	int err;

	(void)env;
	(void)class;
	log__reset();
	if (!map)
		return -ENOENT;
	err = event_ring__open(&ring, map);
	return err ?: HANDLE(ring);
}

static void eventsFree(JNIEnv *env, jclass class, jlong ring)
{
	(void)env;
	(void)class;
	event_ring__free(POINTER(struct event_ring, ring));
}

/* How many records are in the buffer. */
static jint eventsPoll(JNIEnv *env, jclass class, jlong ring, jint timeout_ms, jobject buffer)
{
	void *records = jni__buffer(env, buffer, sizeof(struct event));
	size_t n;
	int err;

	(void)class;
	if (!records)
		return -EINVAL;
	log__reset();
	err = event_ring__poll(POINTER(struct event_ring, ring), timeout_ms, records,
	                       (size_t)(*env)->GetDirectBufferCapacity(env, buffer), &n);
	return err ?: (jint)n;
}

const JNINativeMethod jni_events_methods[] = {
	METHOD(eventsOpen, "(J)J"),
	METHOD(eventsFree, "(J)V"),
	METHOD(eventsPoll, "(JI" BUFFER ")I"),
};
const size_t jni_events_count = ARRAY_SIZE(jni_events_methods);
