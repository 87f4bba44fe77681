package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// BenchmarkCost runs kora cost as a person does, as a whole process, with the three stages' templates in the build folder:
//
//	go test ./internal/command -run - -bench Cost -benchtime 50x
//
// The aim is 30 ms of CPU time and 60 MB. It is printed and never asserted: other work on the machine changes it.
func BenchmarkCost(b *testing.B) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		b.Fatal(err)
	}
	program := filepath.Join(b.TempDir(), "kora")
	build := exec.Command("go", "build", "-o", program, "./bin/kora")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	run := func() *os.ProcessState {
		cmd := exec.Command(program, "cost")
		cmd.Dir = root
		out, err := cmd.Output()
		if err != nil || len(out) == 0 {
			b.Skipf("kora cost: %v; it needs what the CDK app needs", err)
		}
		return cmd.ProcessState
	}
	run() // the templates, when they are not there yet
	var cpu time.Duration
	var most int64
	for b.Loop() {
		state := run()
		cpu += state.UserTime() + state.SystemTime()
		if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
			most = max(most, int64(usage.Maxrss)) // in KB on Linux
		}
	}
	b.ReportMetric(float64(cpu.Microseconds())/1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(most)/1024, "peak-MB")
}
