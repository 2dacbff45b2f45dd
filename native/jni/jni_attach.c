// SPDX-License-Identifier: Apache-2.0
/* Programs on devices and at sockets. */
#include <errno.h>
#include <string.h>

#include "dataplane.h"
#include "jni_util.h"
#include "log.h"
#include "util.h"

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

const JNINativeMethod jni_attach_methods[] = {
	METHOD(dataplaneAttach, "(JII)I"),
	METHOD(dataplaneDetach, "(JII)I"),
	METHOD(dataplaneAttachXdp, "(JII)I"),
	METHOD(dataplaneDetachXdp, "(JI)I"),
	METHOD(dataplaneXdpError, "(J)[B"),
	METHOD(dataplaneAttachments, "(J" BUFFER ")I"),
	METHOD(dataplaneAttachSockets, "(J" STRING ")I"),
	METHOD(dataplaneDetachSockets, "(J)I"),
	METHOD(dataplaneSocketsError, "(J)[B"),
};
const size_t jni_attach_count = ARRAY_SIZE(jni_attach_methods);
