// SPDX-License-Identifier: Apache-2.0
/* Who serves: this agent, or somebody else; and what was his when that changed. */
#include <errno.h>

#include "dataplane.h"
#include "jni_util.h"
#include "log.h"
#include "pins.h"
#include "util.h"

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

const JNINativeMethod jni_serving_methods[] = {
	METHOD(dataplaneServing, "(JI)I"),
	METHOD(dataplaneSetServing, "(JII)I"),
	METHOD(dataplaneAdopt, "(JI" BUFFER ")I"),
	METHOD(pinsServing, "(" STRING "I)I"),
	METHOD(pinsSetServing, "(" STRING "II)I"),
	METHOD(pinsAdopt, "(" STRING BUFFER ")I"),
	METHOD(pinsHandBack, "(" STRING "I" BUFFER ")I"),
};
const size_t jni_serving_count = ARRAY_SIZE(jni_serving_methods);
