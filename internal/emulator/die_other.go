//go:build !linux

package emulator

import "syscall"

// dieWithParent is for Linux alone: elsewhere the emulator ends when its standard input does.
func dieWithParent() *syscall.SysProcAttr { return nil }
