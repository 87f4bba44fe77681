package machine_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/machine"
)

// The values of a script stay data, whatever they hold.
func TestAssignmentsAreData(t *testing.T) {
	for _, value := range []string{"plain", "two words", "it's", `"quoted"`, "$(touch /tmp/owned)", "`id`", "a;b|c&d", `back\slash`, "''"} {
		script := machine.Assignments([]machine.Setting{{Name: "VALUE", Value: value}}) + `printf %s "$VALUE"`
		got, err := exec.Command("bash", "-c", script).Output()
		if err != nil || string(got) != value {
			t.Errorf("got %q, %v, want %q", got, err, value)
		}
		read := machine.Assigned("#!/bin/bash\n" + machine.Assignments([]machine.Setting{{Name: "A", Value: value}, {Name: "VALUE", Value: value}, {Name: "EMPTY"}}) + "cd /opt\n")
		if read["A"] != value || read["VALUE"] != value || read["EMPTY"] != "" || len(read) != 3 {
			t.Errorf("read back as %q, want %q", read, value)
		}
	}
}

// What travels is what the sources say, and fits: 4,096 characters in a standard parameter, none that SSM or CloudFormation
// would take for a reference, nor a shell for the end of a quotation. Every Ubuntu has what unpacks it.
func TestPackedIsTheSource(t *testing.T) {
	first := machine.Programs[0]
	if got := run(t, "bash", first.Packed(), "-c", "base64 -d | gunzip"); got != first.Text() {
		t.Error("packed/aws is not its source: go generate ./internal/machine")
	}
	for _, program := range append(machine.Programs, machine.Proxy) {
		if n := len(program.Packed()); n > 4096 || strings.ContainsAny(program.Packed(), "{}'\\\"") {
			t.Errorf("%s has %d characters, a standard parameter holds 4096; or one of {}'\\\"", program.Name, n)
		}
		t.Logf("%s: %d characters, packed %d", program.Name, len(program.Text()), len(program.Packed()))
	}
	halves, proxy := machine.Programs[1].Packed()+machine.Programs[2].Packed(), machine.Proxy
	if got := run(t, "python3", halves[:3000]+"\n"+halves[3000:]+"\n", "aws.py", "unpack"); got != machine.Whole() {
		t.Error("packed/boot and packed/revision are not their sources: go generate ./internal/machine")
	}
	if got := run(t, "python3", machine.Adopted.Packed(), "aws.py", "unpack"); got != machine.Adopted.Text() {
		t.Error("packed/adopted is not its source: go generate ./internal/machine")
	}
	if got := run(t, "python3", proxy.Packed(), "aws.py", "unpack"); got != proxy.Text() {
		t.Error("packed/proxy is not its source: go generate ./internal/machine")
	}
	if whole := machine.Whole(); strings.Contains(whole, "$home/revision") || !strings.Contains(whole, machine.Programs[2].Text()) {
		t.Error("the whole is not both")
	}
}

// run gives what a program writes when it reads something.
func run(t *testing.T, name, input string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Stdin = strings.NewReader(input)
	out, err := command.Output()
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return string(out)
}

func TestUserDataFits(t *testing.T) {
	for name, script := range userData() {
		if got := len(script); got > 16*1024 {
			t.Errorf("the %s's user data has %d bytes, EC2 takes 16384", name, got)
		}
		for _, gap := range []string{"@name@", "@region@", "@settings@", "@aws@", "@boot@", "@revision@"} {
			if strings.Contains(script, gap) {
				t.Errorf("the %s's user data has a gap, %s", name, gap)
			}
		}
		t.Logf("%s: %d bytes of user data", name, len(script))
	}
}

// What a script says must survive the loss of its comments.
func TestScriptsParse(t *testing.T) {
	scripts := userData()
	scripts["boot"], scripts["proxy"] = machine.Whole(), machine.Proxy.Text()
	for name, script := range scripts {
		check := exec.Command("bash", "-n")
		check.Stdin = strings.NewReader(script)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}

func userData() map[string]string {
	return map[string]string{
		"server": machine.ServerUserData("kora-backend", "ap-south-1", machine.Program.Packed),
		"node":   machine.NodeUserData([]machine.Setting{{Name: "NAME", Value: "kora-backend"}}, machine.Program.Packed),
	}
}

// The signing program stands in the user data of running servers: another byte of it would stop and start every one of them
// at the next deploy. If it has to change, add a program instead.
func TestAwsIsForEver(t *testing.T) {
	const want = "5a4e5912115e7ca2ecffffe2f993e294595fca99584e1ef71bd379aefd561ead"
	if got := fmt.Sprintf("%x", sha256.Sum256([]byte(machine.Programs[0].Packed()))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The user data around it is for ever too.
func TestServerUserDataIsForEver(t *testing.T) {
	const want = "bac4cb8e70527183fd7655176f3c0f337dddcb610a2333ff84fb1b6c8ae35409"
	text := machine.ServerUserData("kora-backend", "ap-south-1", func(p machine.Program) string { return p.Name })
	if got := fmt.Sprintf("%x", sha256.Sum256([]byte(text))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What an adopted server takes out of boot is there, and once: cloud-init's second run of user data, and pm2's unit.
func TestAdoptedEditsBoot(t *testing.T) {
	for _, pattern := range []string{`instance/scripts/part-001`, `(?m)^if has pm2 `} {
		if got := len(regexp.MustCompile(pattern).FindAllString(machine.Whole(), -1)); got != 1 {
			t.Errorf("%s is there %d times", pattern, got)
		}
	}
	if script := machine.Adopted.Text(); !strings.Contains(script, `/instance\/scripts\/part-001/d`) || !strings.Contains(script, `s/^if has pm2 /if false /`) {
		t.Error("the script takes out something else")
	}
}

// trialOf is what the trial's script says of an app, as a machine runs it.
func trialOf(t *testing.T, port int, wait time.Duration) (answer int, listening bool, waits string) {
	t.Helper()
	said := run(t, "sh", machine.Trial(port, "/health", "nobody", wait))
	var decoded struct {
		Answer    int             `json:"answer"`
		Listening bool            `json:"listening"`
		Waits     json.RawMessage `json:"waits"`
	}
	if err := json.Unmarshal([]byte(said), &decoded); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return decoded.Answer, decoded.Listening, string(decoded.Waits)
}

// A trial's script says what the app answers, redirects not followed, whether anything listens, and that nothing has watched.
func TestTrial(t *testing.T) {
	onLinux(t)
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		if r.URL.Path != "/health" {
			t.Errorf("it asked for %s", r.URL.Path)
		}
		w.WriteHeader(status)
	}))
	defer server.Close()
	port := server.Listener.Addr().(*net.TCPAddr).Port
	for _, status = range []int{http.StatusOK, http.StatusFound, http.StatusServiceUnavailable} {
		if answer, listening, waits := trialOf(t, port, 0); answer != status || !listening || waits != "null" {
			t.Errorf("%d: %d, %v, %s", status, answer, listening, waits)
		}
	}
	server.Close()
	if answer, listening, _ := trialOf(t, port, 0); answer != 0 || listening {
		t.Errorf("nobody: %d, %v", answer, listening)
	}
}

// What waits is told of the app's user, and of others where it is in the network and no agent's of AWS: a pooler's database.
func TestTrialTellsWhoWaits(t *testing.T) {
	onLinux(t)
	for said, want := range map[string]string{
		`{"user": %d, "peer": "52.95.1.2:443", "times": 3}`:        `[{"peer": "52.95.1.2:443", "times": 3}]`,
		`{"user": %d, "peer": "[2600:1f18::7]:443", "times": 3}`:   `[{"peer": "[2600:1f18::7]:443", "times": 3}]`,
		`{"user": 1%d, "peer": "10.0.1.2:5432", "times": 3}`:       `[{"peer": "10.0.1.2:5432", "times": 3}]`,
		`{"user": 1%d, "peer": "[fd00:1f18::7]:6379", "times": 3}`: `[{"peer": "[fd00:1f18::7]:6379", "times": 3}]`,
		`{"user": 1%d, "peer": "10.0.1.3:443", "times": 3}`:        `[]`, // an agent, of an endpoint of AWS's
		`{"user": 1%d, "peer": "91.189.91.81:80", "times": 3}`:     `[]`, // apt
		`{"user": 1%d, "peer": "[2600:1f18::7]:5432", "times": 3}`: `[]`,
	} {
		seen := filepath.Join(t.TempDir(), "seen")
		nobody := strings.TrimSpace(run(t, "id", "", "-u", "nobody"))
		if err := os.WriteFile(seen, []byte("["+strings.Replace(said, "%d", nobody, 1)+"]"), 0o644); err != nil {
			t.Fatal(err)
		}
		var decoded struct{ Waits json.RawMessage }
		text := run(t, "sh", strings.ReplaceAll(machine.Trial(1, "/health", "nobody", 0), "/run/kora-trial", seen))
		if err := json.Unmarshal([]byte(text), &decoded); err != nil || string(decoded.Waits) != want {
			t.Errorf("%s: %s, %v", said, text, err)
		}
	}
}

// What listens and does not speak HTTP has given no answer.
func TestTrialOfSomethingElse(t *testing.T) {
	onLinux(t)
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	go func() {
		for c, err := other.Accept(); err == nil; c, err = other.Accept() {
			_, _ = c.Write([]byte("220 mail\r\n\r\n"))
			c.Close()
		}
	}()
	if answer, listening, _ := trialOf(t, other.Addr().(*net.TCPAddr).Port, 0); answer != 0 || !listening {
		t.Errorf("%d, %v", answer, listening)
	}
}

// The user data of a trial is what cloud-init reads: commands for each boot, that of the end first.
func TestTrialUserData(t *testing.T) {
	script := machine.TrialUserData(36 * time.Minute)
	head, body, _ := strings.Cut(script, "\n")
	var config struct{ Bootcmd [][]string }
	if err := json.Unmarshal([]byte(body), &config); err != nil || head != "#cloud-config" || len(script) > 16<<10 {
		t.Fatalf("%v, %d characters: %s", err, len(script), script)
	}
	end := []string{"systemd-run", "--no-block", "--unit=kora-trial-end", "sh", "-c", "sleep 2160; systemctl poweroff"}
	if len(config.Bootcmd) != 2 || !slices.Equal(config.Bootcmd[0], end) {
		t.Errorf("%q", config.Bootcmd)
	}
	if watch := config.Bootcmd[1]; !slices.Equal(watch[:5], []string{"systemd-run", "--no-block", "--unit=kora-trial-watch", "python3", "-c"}) {
		t.Errorf("%q", watch)
	}
}

// What watches a copy sees for whom a program waits, and whose it is: here for a listener that takes no more.
func TestTrialWatches(t *testing.T) {
	onLinux(t)
	listener, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(listener)
	if err := errors.Join(syscall.Bind(listener, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(listener, 0)); err != nil {
		t.Fatal(err)
	}
	bound, err := syscall.Getsockname(listener)
	if err != nil {
		t.Fatal(err)
	}
	full := fmt.Sprintf("127.0.0.1:%d", bound.(*syscall.SockaddrInet4).Port)
	for range 4 { // one or two fit in
		go func() {
			dialer := net.Dialer{}
			if c, err := dialer.DialContext(t.Context(), "tcp", full); err == nil {
				<-t.Context().Done()
				c.Close()
			}
		}()
	}
	var config struct{ Bootcmd [][]string }
	_, body, _ := strings.Cut(machine.TrialUserData(time.Minute), "\n")
	if err := json.Unmarshal([]byte(body), &config); err != nil {
		t.Fatal(err)
	}
	seen := filepath.Join(t.TempDir(), "seen")
	watch := exec.CommandContext(t.Context(), "python3", "-c", strings.ReplaceAll(config.Bootcmd[1][5], "/run/kora-trial", seen))
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = watch.Process.Kill()
		_ = watch.Wait()
	}()
	want := fmt.Sprintf(`{"user": %d, "peer": "%s", "times": `, os.Getuid(), full)
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if text, _ := os.ReadFile(seen); strings.Contains(string(text), want) {
			return
		}
	}
	text, _ := os.ReadFile(seen)
	t.Errorf("it saw %s, want %s", text, want)
}

// onLinux skips what asks Linux's /proc.
func onLinux(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("it reads /proc of Linux")
	}
}

// held runs what holds a server still, on a machine with these mounts, and programs that write down what they are told and fail where
// a word of theirs is fails.
func held(t *testing.T, script, mounts, fails string) (wrote string, told []string, err error) {
	t.Helper()
	folder := t.TempDir()
	log, table := filepath.Join(folder, "log"), filepath.Join(folder, "mounts")
	if err := os.WriteFile(table, []byte(mounts), 0o644); err != nil {
		t.Fatal(err)
	}
	program := fmt.Sprintf("#!/bin/sh\necho \"${0##*/} $*\" >>%s\ncase \" $* \" in *\" %s \"*) echo no >&2; exit 1;; esac\n", log, fails)
	for _, name := range []string{"fsfreeze", "systemd-run", "systemctl"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(program), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command("sh")
	command.Stdin = strings.NewReader(strings.ReplaceAll(script, "/proc/self/mounts", table))
	command.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"))
	var out, faults strings.Builder
	command.Stdout, command.Stderr = &out, &faults
	if err = command.Run(); err != nil {
		err = errors.New(strings.TrimSpace(faults.String()))
	}
	text, _ := os.ReadFile(log)
	return strings.TrimSpace(out.String()), strings.Split(strings.TrimSpace(string(text)), "\n"), err
}

// The root and what the machine itself writes to are never frozen; of what is, the timer that thaws it stands before.
func TestFreeze(t *testing.T) {
	const mounts = "proc /proc proc rw 0 0\n/dev/xvda1 / ext4 rw 0 0\n/dev/xvda1 /bound ext4 rw 0 0\n/dev/xvda15 /boot/efi vfat rw 0 0\n" +
		"/dev/xvdb /data ext4 rw 0 0\n/dev/xvdb /again ext4 rw 0 0\n/dev/xvdc /var xfs rw 0 0\n/dev/xvdd /var/lib/mysql xfs rw 0 0\n" +
		"/dev/xvde /var/log/app ext4 rw 0 0\ntmpfs /x tmpfs rw 0 0\n/dev/loop0 /snap/core squashfs ro 0 0\n/dev/xvdf /my\\040data ext4 rw 0 0\n" +
		"/dev/xvdg /srv ext4 rw 0 0\n/dev/xvdg /var/log/journal ext4 rw 0 0\n" // a part of it is bound to where the machine writes
	wrote, told, err := held(t, machine.Freeze(time.Minute), mounts, "none")
	want := []string{
		"systemd-run --collect --unit=kora-thaw-0 --on-active=60s fsfreeze --unfreeze /data", "fsfreeze --freeze /data",
		"systemd-run --collect --unit=kora-thaw-1 --on-active=60s fsfreeze --unfreeze /var/lib/mysql", "fsfreeze --freeze /var/lib/mysql",
		"systemd-run --collect --unit=kora-thaw-2 --on-active=60s fsfreeze --unfreeze /my data", "fsfreeze --freeze /my data",
	}
	if err != nil || wrote != `["/data", "/var/lib/mysql", "/my data"]` || !slices.Equal(told, want) {
		t.Errorf("%s, %v\n%s", wrote, err, strings.Join(told, "\n"))
	}
	wrote, told, err = held(t, machine.Thaw(), mounts, "/data")
	want = []string{"fsfreeze --unfreeze /data", "systemctl stop kora-thaw-0.timer", "fsfreeze --unfreeze /var/lib/mysql", "systemctl stop kora-thaw-1.timer",
		"fsfreeze --unfreeze /my data", "systemctl stop kora-thaw-2.timer"}
	if err != nil || wrote != `["/var/lib/mysql", "/my data"]` || !slices.Equal(told, want) {
		t.Errorf("%s, %v\n%s", wrote, err, strings.Join(told, "\n"))
	}
}

// Without a timer nothing is frozen, and where one cannot be frozen all are thawed again.
func TestFreezeFails(t *testing.T) {
	const mounts = "/dev/xvda1 / ext4 rw 0 0\n/dev/xvdb /data ext4 rw 0 0\n/dev/xvdc /more ext4 rw 0 0\n"
	for fails, frozen := range map[string]string{"--on-active=60s": "", "--freeze /more": "fsfreeze --freeze /data"} {
		wrote, told, err := held(t, machine.Freeze(time.Minute), mounts, fails)
		all := strings.Join(told, "\n")
		if wrote != "" || err == nil || !strings.HasSuffix(err.Error(), " cannot be frozen: no") || strings.Contains(all, "fsfreeze --freeze /data") != (frozen != "") ||
			!strings.Contains(all, "fsfreeze --unfreeze /data\nsystemctl stop kora-thaw-0.timer\nfsfreeze --unfreeze /more\n") {
			t.Errorf("%s: %s, %v\n%s", fails, wrote, err, all)
		}
	}
}
