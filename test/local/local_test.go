// Package local_test plays kora local as a person does, with the real command line, the real CDK and the real emulator.
package local_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/command"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/status"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// person is one at this project's folder, whose cache folder and folder for temporary files are empty.
type person struct {
	*testing.T
	root, cache, temporary string
}

// newPerson gives the test what a person has. The tools and what compilers keep stay where they are.
func newPerson(t *testing.T) *person {
	t.Helper()
	return newPersonAt(t, absolute(t, "../.."))
}

// newPersonAt is one at another copy of the project.
func newPersonAt(t *testing.T, root string) *person {
	t.Helper()
	tooltest.Ministack(t)
	tooltest.CDK(t)
	p := &person{t, root, t.TempDir(), t.TempDir()}
	if out, err := exec.Command("sh", p.root+"/bin/build.sh").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out) // what is measured has been compiled
	}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH"} {
		value, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv(name, strings.TrimSpace(string(value)))
	}
	usual, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("JSII_RUNTIME_PACKAGE_CACHE_ROOT", filepath.Join(usual, "aws", "jsii", "package-cache"))
	t.Setenv("XDG_CACHE_HOME", p.cache)
	t.Setenv("TMPDIR", p.temporary)
	t.Setenv("AWS_ENDPOINT_URL", "")
	t.Setenv("AWS_PROFILE", "production") // which nothing may use
	t.Chdir(p.root + "/bin")              // a folder below the project's is good enough
	t.Cleanup(func() { _ = emulator.End(p.root) })
	return p
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	whole, err := filepath.Abs(path)
	if err == nil {
		whole, err = filepath.EvalSymlinks(whole)
	}
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

// says runs kora, which must end with that code, and returns what it wrote and how long it took.
func (p *person) says(code int, line string) (stdout, stderr string, took time.Duration) {
	p.Helper()
	var out, said strings.Builder
	start := time.Now()
	got := command.Run(p.Context(), strings.Fields(line), strings.NewReader(""), &out, &said)
	if got != code {
		p.Fatalf("kora %s: exit code %d, want %d\n%s%s", line, got, code, out.String(), said.String())
	}
	return out.String(), said.String(), time.Since(start)
}

// status is what kora local status says to a program.
func (p *person) status() *status.Status {
	p.Helper()
	stdout, _, _ := p.says(0, "local status --json")
	s := &status.Status{}
	if err := json.Unmarshal([]byte(stdout), s); err != nil {
		p.Fatal(err)
	}
	return s
}

// sameThroughAWS expects kora status, led to the emulator as AWS's own tools are, to say what kora local status does.
func (p *person) sameThroughAWS(url string) {
	p.Helper()
	want, _, _ := p.says(0, "local status")
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_PROFILE": ""} {
		p.Setenv(name, value)
	}
	got, _, _ := p.says(0, "status")
	if diff := cmp.Diff(got, want); diff != "" {
		p.Errorf("kora status (-got +what kora local status says):\n%s", diff)
	}
}

// up starts the emulator and returns its URL.
func (p *person) up(line string) string {
	p.Helper()
	stdout, stderr, took := p.says(0, line)
	p.Logf("kora %s, warm: %.1f s", line, took.Seconds())
	lines := strings.Split(stdout, "\n")
	url, found := strings.CutPrefix(strings.Fields(stdout + " . .")[1], "AWS_ENDPOINT_URL=")
	if len(lines) != 3 || !found || !strings.HasPrefix(lines[1], "# next: kora ") || !strings.HasPrefix(url, "http://localhost:") {
		p.Errorf("up says %q, want a line for the shell and a comment", stdout)
	}
	if !strings.Contains(stderr, "no machine boots") {
		p.Errorf("up says %q, and not that no machine boots", stderr)
	}
	return url
}

// down stops the emulator, and looks for what is left.
func (p *person) down() {
	p.Helper()
	state, err := emulator.Find(p.root)
	if err != nil {
		p.Fatal(err)
	}
	stdout, _, _ := p.says(0, "local down")
	if want := "unset AWS_ENDPOINT_URL AWS_REGION AWS_DEFAULT_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_EC2_METADATA_DISABLED\n"; stdout != want {
		p.Errorf("down says %q, want %q", stdout, want)
	}
	if err := syscall.Kill(state.PID, 0); err == nil && (&emulator.Client{URL: state.URL}).Healthy(p.Context()) == nil {
		p.Errorf("process %d still runs", state.PID)
	}
	if _, err := emulator.Find(p.root); !errors.Is(err, emulator.ErrNotRunning) {
		p.Errorf("the emulator is still known: %v", err)
	}
	p.empty(filepath.Join(p.cache, "kora-provisioner", "local"))
	p.empty(p.temporary)
}

func (p *person) empty(dir string) {
	p.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && path != dir {
			p.Errorf("%s is left", path)
		}
		return err
	})
	if err != nil {
		p.Error(err)
	}
}

// alarm sets one off and expects that line.
func (p *person) alarm(name, want string) {
	p.Helper()
	stdout, _, _ := p.says(0, "local alarm "+name)
	if diff := cmp.Diff(stdout, name+" is in ALARM: "+want+"\n"); diff != "" {
		p.Errorf("alarm %s (-got +want):\n%s", name, diff)
	}
}

// The five lines of the README, with a look after each.
func TestTryingItOut(t *testing.T) {
	p := newPerson(t)
	url := p.up("local up")
	if again := p.up("local up"); again != url {
		p.Errorf("a second up leads to %s, want %s", again, url)
	}
	if _, stderr, _ := p.says(1, "local up --hand-made"); !strings.Contains(stderr, "kora local down ends it") {
		p.Errorf("another emulator: %q", stderr)
	}

	const commit = "0123456789abcdef0123456789abcdef01234567"
	const code = " -c gitRepository=https://example.com/app.git -c gitRef=" + commit
	stdout, _, took := p.says(0, "local deploy single"+code)
	p.Logf("kora local deploy single, warm: %.1f s", took.Seconds())
	if !strings.HasPrefix(stdout, "arn:aws:cloudformation:") {
		p.Errorf("deploy writes %q, want what the CDK command line does", stdout)
	}
	single := p.status()
	server := p.theServer(single)
	if got, want := single.Stack.Name+" "+single.Stack.Status, "KoraBackend CREATE_COMPLETE"; got != want {
		p.Errorf("stack %s, want %s", got, want)
	}
	if server.Type != "t2.micro" || server.State != "running" || server.Address == "" || server.Commit != commit {
		p.Errorf("server %+v, want a running t2.micro with an address, proven to serve %s", server, commit)
	}
	p.recordIs(single, status.Record{Name: "server.korakagazindia.com", TTLSeconds: 60, To: server.Address, Where: "server " + server.ID})

	p.says(0, "local deploy horizontal -c fleetTrafficPercent=10"+code)
	horizontal := p.status()
	for _, node := range horizontal.Fleets[0].Nodes {
		if node.Commit != commit {
			p.Errorf("node %+v, want one that is proven to serve %s", node, commit)
		}
	}
	if got := horizontal.Servers[0].Target; got != "healthy" {
		p.Errorf("the balancer finds the server %q", got)
	}
	horizontal.Servers[0].Target = single.Servers[0].Target
	if diff := cmp.Diff(horizontal.Servers, single.Servers); diff != "" {
		p.Errorf("the server was touched (-now +before):\n%s", diff)
	}
	p.fleetIs(horizontal, 2)
	var shares []string
	for _, group := range horizontal.TargetGroups {
		shares = append(shares, fmt.Sprintf("%d %% to %v", *group.Percent, group.Targets))
	}
	if diff := cmp.Diff(shares, []string{"90 % to map[healthy:1]", "10 % to map[healthy:2]"}); diff != "" {
		p.Errorf("traffic (-got +want):\n%s", diff)
	}
	if len(horizontal.Records) != 1 || horizontal.Records[0].Where != "balancer kora-backend-alb" {
		p.Errorf("records %+v, want one at the balancer", horizontal.Records)
	}

	p.sameThroughAWS(url)
	p.alarm("ScaleOutAlarm", "kora-backend-asg goes from 2 to 3 nodes")
	p.alarm("ScaleOutAlarm", "kora-backend-asg keeps 3 nodes: the policy's cooldown of 300 s after the last change holds")
	p.alarm("low-healthy-hosts", "it scales nothing: it notifies 1 topic")
	p.fleetIs(p.status(), 3)
	_, stderr, _ := p.says(2, "local alarm low-healthy-host")
	if want := `kora: alarm "low-healthy-host": there is none of that name; the nearest is low-healthy-hosts; kora local status lists all` + "\n"; stderr != want {
		p.Errorf("a misspelt alarm: %q, want %q", stderr, want)
	}
	p.down()
}

// A deploy that fails says what the command line says, and ends with its exit code.
func TestDeployThatFails(t *testing.T) {
	p := newPerson(t)
	control := &emulator.Client{URL: p.up("local up")}
	p.says(0, "local deploy single")
	before := p.status()
	fault := emulator.Fault{Operation: "update", LogicalID: "Server", When: "before", Times: 1}
	if err := control.Fault(p.Context(), fault); err != nil {
		t.Fatal(err)
	}
	if _, stderr, _ := p.says(1, "local deploy vertical"); !strings.Contains(stderr, "injected fault before the update of Server") {
		p.Errorf("the command line says %q", stderr)
	}
	for _, outcome := range []string{"failure", "success"} {
		code := map[string]int{"failure": 1, "success": 0}[outcome]
		_, stderr, _ := p.says(code, "local deploy horizontal --delay 100ms --machines "+outcome)
		if failed := strings.Contains(stderr, "FAILURE signal"); failed != (code == 1) {
			p.Errorf("machines report %s, the command line says %q", outcome, stderr)
		}
		if nodes := len(p.status().Fleets); nodes != 1-code {
			p.Errorf("machines report %s, %d fleets stand", outcome, nodes)
		}
	}
	p.says(0, "local deploy single")
	if err := control.Fault(p.Context(), fault); err != nil {
		t.Fatal(err)
	}
	p.says(1, "local deploy vertical")
	after := p.status()
	if diff := cmp.Diff(after.Servers, before.Servers); diff != "" {
		p.Errorf("servers (-after +before):\n%s", diff)
	}
	if after.Stack.Status != "UPDATE_ROLLBACK_COMPLETE" {
		p.Errorf("stack %+v", after.Stack)
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://localhost:1")
	if _, stderr, _ := p.says(1, "local status"); !strings.Contains(stderr, "is not this project's emulator") {
		p.Errorf("an emulator that was: %q", stderr)
	}
	p.down()
}

// The first deploy beside the server made by hand leaves that, its address and its record alone; then the address is handed
// over as docs/way-in.md has it, and the record stays.
func TestFromTheServerMadeByHand(t *testing.T) {
	p := newPerson(t)
	p.says(0, "local up --hand-made")
	today := p.status()
	byHand := p.theServer(today)
	if byHand.Address != "13.233.176.103" || byHand.Type != "t2.micro" || byHand.InStack || today.Stack != nil {
		p.Errorf("today's server %+v, stack %+v", byHand, today.Stack)
	}
	record := status.Record{Name: "server.korakagazindia.com", TTLSeconds: 300, To: "13.233.176.103", Where: "server " + byHand.ID}
	p.recordIs(today, record)

	_, said, _ := p.says(0, "local deploy single")
	if want := "kora: left out of cdk.json's, as beside a live server (docs/way-in.md): elasticIpAddress\n"; !strings.Contains(said, want) {
		p.Errorf("deploy says %q, want %q in it", said, want)
	}
	beside := p.status()
	p.recordIs(beside, record)
	if len(beside.Servers) != 2 || !slices.Contains(beside.Servers, byHand) {
		t.Fatalf("servers %+v, want two, one of them %+v", beside.Servers, byHand)
	}
	p.says(0, "local deploy horizontal")
	p.recordIs(p.status(), record)
	p.says(0, "local deploy single")

	p.says(0, "local deploy single -c elasticIpAllocationId="+p.letGo(byHand.Address)+" -c elasticIpAddress="+byHand.Address)
	now := p.status()
	for _, server := range now.Servers {
		if server.InStack != (server.Address == byHand.Address) || server.State != "running" {
			p.Errorf("server %+v: want the address at the stack's, and both running", server)
		}
	}
	record.Where = "server " + now.Servers[slices.IndexFunc(now.Servers, func(s status.Server) bool { return s.InStack })].ID
	p.recordIs(now, record)
	p.down()
}

// letGo takes the address off the server that holds it, by hand, and returns the id of its allocation.
func (p *person) letGo(address string) string {
	p.Helper()
	state, err := emulator.Find(p.root)
	if err != nil {
		p.Fatal(err)
	}
	machines := ec2.NewFromConfig(account.ConfigurationAt(state.URL, state.Region))
	held, err := machines.DescribeAddresses(p.Context(), &ec2.DescribeAddressesInput{PublicIps: []string{address}})
	if err != nil || len(held.Addresses) != 1 {
		p.Fatalf("%v, %v", held, err)
	}
	_, err = machines.DisassociateAddress(p.Context(), &ec2.DisassociateAddressInput{AssociationId: held.Addresses[0].AssociationId})
	if err != nil {
		p.Fatal(err)
	}
	return *held.Addresses[0].AllocationId
}

// theServer is the only one.
func (p *person) theServer(s *status.Status) status.Server {
	p.Helper()
	if len(s.Servers) != 1 {
		p.Fatalf("servers %+v, want one", s.Servers)
	}
	return s.Servers[0]
}

func (p *person) recordIs(s *status.Status, want status.Record) {
	p.Helper()
	if diff := cmp.Diff(s.Records, []status.Record{want}); diff != "" {
		p.Errorf("records (-got +want):\n%s", diff)
	}
}

// fleetIs expects a fleet of that many nodes, all of them well.
func (p *person) fleetIs(s *status.Status, nodes int) {
	p.Helper()
	if len(s.Fleets) != 1 {
		p.Fatalf("fleets %+v, want one", s.Fleets)
	}
	fleet := s.Fleets[0]
	if fleet.Name != "kora-backend-asg" || fleet.Min != 2 || fleet.Desired != nodes || fleet.Max != 5 || len(fleet.Nodes) != nodes {
		p.Errorf("fleet %+v, want %d nodes", fleet, nodes)
	}
	for _, node := range fleet.Nodes {
		if node.Health != "Healthy" {
			p.Errorf("node %+v", node)
		}
	}
}

// A deploy under another name is what status and alarm then speak of.
func TestAnotherName(t *testing.T) {
	p := newPerson(t)
	p.up("local up")
	p.says(0, "local deploy single -c name=shop-api")
	if got := p.status().Stack; got == nil || got.Name != "ShopApi" {
		t.Errorf("status shows the stack %+v", got)
	}
	if stdout, _, _ := p.says(0, "local alarm ServerDiskAlarm"); !strings.HasPrefix(stdout, "ServerDiskAlarm is in ALARM") {
		t.Errorf("alarm says %q", stdout)
	}
}
