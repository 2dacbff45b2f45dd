# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# How the kernel shares the processors while tests run. Linux makes one group of all threads of a session
# (sched_autogroup, sched(7)), and weighs groups. While two take-overs ran beside an upgrade on two processors,
# threads of other groups waited for up to 2.5 s: the kernel's own that deliver packets (ksoftirqd), and servers,
# which have sessions of their own. Answers came after three seconds, and tests took them for lost. Without groups
# nobody waited for longer than 0.2 s.

SESSION_GROUPS=/proc/sys/kernel/sched_autogroup_enabled
SESSION_GROUPS_BEFORE=0

# session_groups_off: until session_groups_restore; a machine that does not let us is left as it is.
session_groups_off() {
  SESSION_GROUPS_BEFORE=$(cat "$SESSION_GROUPS" 2>/dev/null) || SESSION_GROUPS_BEFORE=0
  if [[ $SESSION_GROUPS_BEFORE == 1 ]] && ! echo 0 2>/dev/null >"$SESSION_GROUPS"; then
    SESSION_GROUPS_BEFORE=0
    warn "cannot write $SESSION_GROUPS: requests may be answered late where processors are busy"
  fi
}

session_groups_restore() {
  if [[ $SESSION_GROUPS_BEFORE == 1 ]]; then echo 1 >"$SESSION_GROUPS"; fi
}
