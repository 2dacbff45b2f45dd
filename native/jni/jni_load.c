// SPDX-License-Identifier: Apache-2.0
#include "abi_hash.h"
#include "jni_util.h"
#include "log.h"

#define NATIVE_CLASS "io/millrace/bpf/jni/Native"

static jlong abiHash(JNIEnv *env, jclass class)
{
	(void)env;
	(void)class;
	return (jlong)ABI_HASH;
}

static jbyteArray takeLog(JNIEnv *env, jclass class)
{
	jbyteArray bytes = jni__bytes(env, log__text());

	(void)class;
	if (bytes)
		log__reset();
	return bytes;
}

static const JNINativeMethod methods[] = {
	METHOD(abiHash, "()J"),
	METHOD(takeLog, "()[B"),
};

static jint add(JNIEnv *env, jclass class, const JNINativeMethod *table, size_t n)
{
	return (*env)->RegisterNatives(env, class, table, (jint)n);
}

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved)
{
	JNIEnv *env;
	jclass class;

	(void)reserved;
	if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_10) != JNI_OK)
		return JNI_ERR;
	class = (*env)->FindClass(env, NATIVE_CLASS);
	if (!class)
		return JNI_ERR;
	if (add(env, class, methods, sizeof(methods) / sizeof(methods[0])) ||
	    add(env, class, jni_arena_methods, jni_arena_count) ||
	    add(env, class, jni_attach_methods, jni_attach_count) ||
	    add(env, class, jni_dataplane_methods, jni_dataplane_count) ||
	    add(env, class, jni_events_methods, jni_events_count) ||
	    add(env, class, jni_map_methods, jni_map_count) ||
	    add(env, class, jni_netmon_methods, jni_netmon_count) ||
	    add(env, class, jni_netns_methods, jni_netns_count) ||
	    add(env, class, jni_serving_methods, jni_serving_count) ||
	    add(env, class, jni_upgrade_methods, jni_upgrade_count))
		return JNI_ERR;
	(*env)->DeleteLocalRef(env, class);
	return JNI_VERSION_10;
}
