package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// BenchmarkDiff runs kora diff of two stages that are in the build folder, and cdk diff --template of the same two, as
// whole processes, warm and in turn:
//
//	go test ./internal/command -run - -bench Diff -benchtime 10x
//
// The aims are a fiftieth of the CDK's time, 30 ms of CPU time and 60 MB. They are printed and never asserted: other work
// on the machine changes them.
func BenchmarkDiff(b *testing.B) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		b.Fatal(err)
	}
	program := filepath.Join(b.TempDir(), "kora")
	timed(b, root, "go", "build", "-o", program, "./bin/kora")
	ours := []string{program, "diff", "single", "horizontal"}
	theirs := []string{tooltest.CDK(b), "diff", "--template", "test/testdata/templates/single.template.json", "-c", "stage=horizontal", "--no-notices"}
	timed(b, root, ours...)
	timed(b, root, theirs...)

	var kora, cdk, cpu time.Duration
	var most int64
	for b.Loop() {
		took, state := timed(b, root, ours...)
		kora += took
		cpu += state.UserTime() + state.SystemTime()
		if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
			most = max(most, int64(usage.Maxrss)) // in KB on Linux
		}
		took, _ = timed(b, root, theirs...)
		cdk += took
	}
	b.ReportMetric(float64(cdk)/float64(kora), "times-faster")
	b.ReportMetric(float64(kora.Microseconds())/1000/float64(b.N), "kora-ms/op")
	b.ReportMetric(float64(cdk.Microseconds())/1000/float64(b.N), "cdk-ms/op")
	b.ReportMetric(float64(cpu.Microseconds())/1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(most)/1024, "peak-MB")
}

// timed runs a program in dir to its end.
func timed(b *testing.B, dir string, args ...string) (time.Duration, *os.ProcessState) {
	b.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CDK_DISABLE_CLI_TELEMETRY=true")
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Skipf("%v: %v: %s", args, err, out)
	}
	return time.Since(start), cmd.ProcessState
}
