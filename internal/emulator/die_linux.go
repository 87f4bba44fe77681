package emulator

import "syscall"

// dieWithParent has the kernel kill a child when this process dies.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
