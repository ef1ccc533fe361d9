#!/bin/sh
# In the place of ssh: every host is this machine.
shift
exec sh -c "$1"
