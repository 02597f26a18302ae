// The door to hiredis 0.14 and later: its synchronous and asynchronous contexts. And to eventfd, which wakes the thread
// that drives them, and which Swift's Glibc leaves out.
#pragma once
#include <hiredis/hiredis.h>
#include <hiredis/async.h>
#include <sys/eventfd.h>
