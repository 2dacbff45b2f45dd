// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "dataplane.h"
#include "jni_util.h"
#include "log.h"
#include "util.h"

static jboolean dataplaneIsUpgrading(JNIEnv *env, jclass class, jlong dp)
{
	(void)env;
	(void)class;
	return dataplane__is_upgrading(POINTER(struct dataplane, dp));
}

static jint dataplaneUpgrade(JNIEnv *env, jclass class, jlong dp)
{
	(void)env;
	(void)class;
	log__reset();
	return dataplane__upgrade(POINTER(struct dataplane, dp));
}

/* The number of maps; as many as fit are in the buffer. */
static jint dataplaneFormers(JNIEnv *env, jclass class, jlong dp, jobject buffer)
{
	jlong capacity = (*env)->GetDirectBufferCapacity(env, buffer);
	struct wire_former *out = jni__buffer(env, buffer, 0);

	(void)class;
	if (!out)
		return -EINVAL;
	return (jint)dataplane__formers(POINTER(struct dataplane, dp), out,
	                                (size_t)capacity / sizeof(*out));
}

const JNINativeMethod jni_upgrade_methods[] = {
	METHOD(dataplaneIsUpgrading, "(J)Z"),
	METHOD(dataplaneUpgrade, "(J)I"),
	METHOD(dataplaneFormers, "(J" BUFFER ")I"),
};
const size_t jni_upgrade_count = ARRAY_SIZE(jni_upgrade_methods);
