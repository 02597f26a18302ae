// Signals as bytes in a pipe: the only thing that a signal handler may safely do.
#pragma once

/// Makes the pipe, once, and returns its end to read, which does not block; -1 and errno if it could not.
int penstock_hearing(void);

/// From now on the signal's number is written into the pipe and the signal does nothing else.
int penstock_hear(int signal);
