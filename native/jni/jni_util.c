// SPDX-License-Identifier: Apache-2.0
#include "jni_util.h"

#include <errno.h>
#include <string.h>

void *jni__buffer(JNIEnv *env, jobject buffer, size_t size)
{
	jlong capacity = buffer ? (*env)->GetDirectBufferCapacity(env, buffer) : -1;

	if (capacity < 0 || (size_t)capacity < size)
		return NULL;
	return (*env)->GetDirectBufferAddress(env, buffer);
}

int jni__path(JNIEnv *env, jstring string, char path[PATH_MAX])
{
	jsize bytes = string ? (*env)->GetStringUTFLength(env, string) : 0;

	if (!string)
		return -EINVAL;
	if (bytes >= PATH_MAX)
		return -ENAMETOOLONG;
	(*env)->GetStringUTFRegion(env, string, 0, (*env)->GetStringLength(env, string), path);
	path[bytes] = 0;
	return 0;
}

jbyteArray jni__bytes(JNIEnv *env, const char *text)
{
	jsize len = (jsize)strlen(text);
	jbyteArray bytes = (*env)->NewByteArray(env, len);

	if (bytes)
		(*env)->SetByteArrayRegion(env, bytes, 0, len, (const jbyte *)text);
	return bytes;
}
