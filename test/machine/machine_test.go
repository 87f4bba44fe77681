//go:build linux

package machine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/test/machine/world"
	"github.com/korakagazindia/provisioner/test/policy"
)

// namespaces are those of a world: all in it vanishes with its first process.
const namespaces = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS

// Setup is what a machine is made with. The zero value is a machine with nothing to do in a world where all works.
type Setup struct {
	UserData string             // a script; "" for none
	World    func(*world.State) // changes the world from the start
	Files    []world.File       // on the disk before the first boot
	Image    string             // from Machine.Image or Prepared: the disk that the machine starts with
	Disk     int64              // bytes that the machine may write, 2 GiB if 0
	Memory   int64              // bytes that its processes may use together, 0 for no limit
	Node     string             // the version of the Node archive, NodeVersion if ""
}

// Machine is one machine with its world, off until Boot. Both are gone at the end of the test, and when it is killed.
type Machine struct {
	t       testing.TB
	state   world.State
	image   string // that it started with
	ca      string
	socket  string
	control *http.Client
	said    *bytes.Buffer // by the world, to be read once it is gone
}

var made atomic.Int64

// New makes a machine. The test is skipped where none can run, and fails there in CI.
func New(t testing.TB, setup Setup) *Machine {
	t.Helper()
	require(t, setup.Memory > 0)
	root := base(t)
	shelves := map[string]string{
		"deb":  filepath.Join(root, "debs"),
		"npm":  registry(t),
		"node": node(t, cmp.Or(setup.Node, NodeVersion)),
	}
	scratch, err := os.MkdirTemp("", "rig-")
	if err != nil {
		t.Fatal(err)
	}
	m := &Machine{
		t:      t,
		state:  defaultState(t),
		image:  setup.Image,
		ca:     filepath.Join(root, "ca.pem"),
		socket: filepath.Join(scratch, "control"),
		said:   &bytes.Buffer{},
	}
	if setup.World != nil {
		setup.World(&m.state)
	}
	m.control = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", m.socket)
	}}}
	m.start(world.Config{
		Base:     filepath.Join(root, "root"),
		Image:    setup.Image,
		Shelves:  shelves,
		CA:       m.ca,
		Key:      filepath.Join(root, "ca-key.pem"),
		Scratch:  scratch,
		Group:    world.GroupName(os.Getpid(), made.Add(1)),
		Disk:     cmp.Or(setup.Disk, 2<<30),
		Memory:   setup.Memory,
		UserData: setup.UserData,
		Files:    setup.Files,
		State:    m.state,
	})
	return m
}

// defaultState is a world where all works.
func defaultState(t testing.TB) world.State {
	t.Helper()
	keys := world.Credentials{
		ID:     "ASIAIOSFODNN7EXAMPLE",
		Secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		Token:  "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCmFwLXNvdXRoLTE+EXAMPLETOKEN==", // characters that encoding changes
	}
	return world.State{
		Metadata: world.Metadata{
			InstanceID: "i-0123456789abcdef0",
			Region:     "ap-south-1",
			Zone:       "ap-south-1a",
			Role:       "kora-backend",
			Handed:     keys,
		},
		Known:  keys,
		Policy: rights(t),
	}
}

// rights is what the stack's role may do here, by the golden template.
func rights(t testing.TB) policy.Policy {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "testdata", "templates", "horizontal.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	here := policy.Machine{Region: region, Account: "123456789012", Stack: stack, Name: name, LogGroup: "logs", Bucket: "uploads"}
	may, err := policy.FromTemplate(text, "Role", here.Values())
	if err != nil {
		t.Fatal(err)
	}
	return may
}

// start starts the world: this program again, in namespaces of its own. It lives for as long as its input is open, which
// the kernel closes when this process ends in any way.
func (m *Machine) start(config world.Config) {
	m.t.Helper()
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: m.socket})
	if err != nil {
		m.t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	defer listener.Close()
	socket, err := listener.File()
	if err != nil {
		m.t.Fatal(err)
	}
	defer socket.Close()
	w := exec.Command("/proc/self/exe")
	w.Env = append(os.Environ(), worldVariable+"=1")
	w.ExtraFiles = []*os.File{socket}
	w.Stderr = m.said
	// A session of its own: an interrupt from the terminal ends the test, and then the world in order.
	w.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Setsid: true}
	life, err := w.StdinPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	if err := w.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() {
		if m.t.Failed() {
			m.tellAll()
		}
		life.Close()
		if err := w.Wait(); err != nil || m.t.Failed() {
			m.t.Errorf("the world: %v: %s", err, m.said)
		}
		os.RemoveAll(config.Scratch)
	})
	// The world alone is to have it: once that is gone, nobody waits for its answer.
	listener.Close()
	socket.Close()
	if err := json.NewEncoder(life).Encode(config); err != nil {
		m.t.Fatal(err)
	}
	m.ask(http.MethodGet, "/boots", nil, nil) // answered when the world is made
}

// tellAll logs what a person would look at when a machine didn't do as it should.
func (m *Machine) tellAll() {
	if text, found := m.File("/var/log/cloud-init-output.log"); found {
		m.t.Logf("user data:\n%s", tail(text))
	}
	if text, found := m.File("/var/log/kora-backend/boot.log"); found {
		m.t.Logf("log:\n%s", tail(text))
	}
	if response, err := m.control.Get("http://world/console"); err == nil {
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body) // as much of it as there is
		m.t.Logf("console:\n%s", tail(string(text)))
	}
}

func tail(text string) string { return text[max(0, len(text)-4000):] }

// ask asks the world, and ends the test if it fails.
func (m *Machine) ask(method, path string, in, out any) {
	m.t.Helper()
	if err := m.try(context.Background(), method, path, in, out); err != nil {
		m.t.Fatalf("%s: %v", strings.TrimPrefix(path, "/"), err)
	}
}

func (m *Machine) try(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://world"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := m.control.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body) // as much of it as there is
		return fmt.Errorf("%s", bytes.TrimSpace(text))
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(out)
}

// Boot turns the machine on and waits until its network is up. The user data may be running then: see UserData.
func (m *Machine) Boot() {
	m.t.Helper()
	m.ask(http.MethodPost, "/boot", nil, nil)
}

// Reboot restarts the machine in order, and waits as Boot does.
func (m *Machine) Reboot() {
	m.t.Helper()
	m.ask(http.MethodPost, "/reboot", nil, nil)
}

// PowerOff shuts the machine down in order. Its disk stays for another Boot.
func (m *Machine) PowerOff() {
	m.t.Helper()
	m.ask(http.MethodPost, "/poweroff", nil, nil)
}

// Kill cuts the power. The disk stays as it is.
func (m *Machine) Kill() {
	m.t.Helper()
	m.ask(http.MethodPost, "/kill", nil, nil)
}

// Boots is how many boots have come as far as the network: scripts may reboot too.
func (m *Machine) Boots() (n int) {
	m.t.Helper()
	m.ask(http.MethodGet, "/boots", nil, &n)
	return n
}

// UserData waits until the user data has ended, at this boot or before.
func (m *Machine) UserData(ctx context.Context) (result world.Result) {
	m.t.Helper()
	if err := m.try(ctx, http.MethodGet, "/user-data", nil, &result); err != nil {
		m.t.Fatalf("user data: %v", err)
	}
	return result
}

// Change changes the world: its clock, its parameters, how its services fail.
func (m *Machine) Change(change func(*world.State)) {
	m.t.Helper()
	change(&m.state)
	m.ask(http.MethodPut, "/state", m.state, nil)
}

// Calls are the requests of the machine to the world's services so far.
func (m *Machine) Calls() (calls []world.Call) {
	m.t.Helper()
	m.ask(http.MethodGet, "/calls", nil, &calls)
	return calls
}

// Signals are those that CloudFormation took so far.
func (m *Machine) Signals() (signals []world.Signal) {
	m.t.Helper()
	m.ask(http.MethodGet, "/signals", nil, &signals)
	return signals
}

// Image returns a copy of what is on the disk of a machine that is off, for Setup.Image: folders of which one lies on the other.
// It lasts as long as the test.
func (m *Machine) Image() string {
	m.t.Helper()
	dir := m.t.TempDir()
	m.copyDisk(dir)
	return onto(dir, m.image)
}

func (m *Machine) copyDisk(to string) {
	m.t.Helper()
	m.ask(http.MethodPost, "/image?to="+url.QueryEscape(to), nil, nil)
}

// File reads a file of the machine, on or off.
func (m *Machine) File(path string) (text string, found bool) {
	m.t.Helper()
	response, err := m.control.Get("http://world/file?path=" + url.QueryEscape(path))
	if err != nil {
		m.t.Errorf("file %s: %v", path, err)
		return "", false
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		m.t.Errorf("file %s: %v", path, err)
	}
	return string(body), response.StatusCode == http.StatusOK
}

// Run runs a script on the machine as the SSM agent does: as root, from a file, by the program that its first line names
// or else sh, with nothing in its environment but PATH and LANG. It returns what the script wrote on both outputs, and
// its exit code: -1 if it was killed, which happens at the end of ctx.
func (m *Machine) Run(ctx context.Context, script string, args ...string) (output string, code int) {
	m.t.Helper()
	body, err := json.Marshal(world.Run{Script: script, Args: args})
	if err != nil {
		m.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://world/run", bytes.NewReader(body))
	if err != nil {
		m.t.Fatal(err)
	}
	response, err := m.control.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return "", -1
		}
		m.t.Fatalf("run: %v", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		m.t.Fatalf("run: %s", text)
	}
	code, convErr := strconv.Atoi(response.Trailer.Get(world.ExitHeader))
	if err != nil || convErr != nil {
		return string(text), -1
	}
	return string(text), code
}

// Await waits until holds does, and ends the test if that takes longer than limit. It asks ever less often: most of what is
// asked starts a process.
func (m *Machine) Await(limit time.Duration, what string, holds func() bool) {
	m.t.Helper()
	pause := 20 * time.Millisecond
	for end := time.Now().Add(limit); !holds(); time.Sleep(pause) {
		pause = min(pause*3/2, 300*time.Millisecond)
		if time.Now().After(end) {
			m.t.Fatalf("not after %v: %s", limit, what)
		}
	}
}
