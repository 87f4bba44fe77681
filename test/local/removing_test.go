package local_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/status"
)

// statusOfAWS is what kora status says to a program.
func (p *person) statusOfAWS() *status.Status {
	p.Helper()
	stdout, _, _ := p.says(0, "status --json")
	s := &status.Status{}
	if err := json.Unmarshal([]byte(stdout), s); err != nil {
		p.Fatal(err)
	}
	return s
}

// documented are the commands of a page.
func (p *person) documented(page string) []string {
	p.Helper()
	text, err := os.ReadFile(filepath.Join(p.root, "docs", page))
	if err != nil {
		p.Fatal(err)
	}
	var commands []string
	for line := range strings.Lines(string(text)) {
		if command, is := strings.CutPrefix(strings.TrimSpace(line), "$ "); is {
			commands = append(commands, command)
		}
	}
	return commands
}

// path is a way through stages, at whose end everything is removed.
type path struct {
	name string
	// walk gives further keys to deploys; the bucket holds two versions of a file then, and two days' snapshots are taken.
	walk func(p *person, url string)
	// sticks says that the first destroy ends in DELETE_FAILED.
	sticks bool
}

var paths = []path{
	{"single and vertical, after a first deploy that failed", func(p *person, _ string) {
		p.says(1, "local deploy single --machines failure"+answers)
		p.says(0, "local deploy single"+answers)
		p.says(0, "local deploy vertical"+answers)
	}, false},
	{"a first deploy that failed", func(p *person, url string) {
		p.says(1, "local deploy single --machines failure"+answers)
	}, false},
	{"horizontal", func(p *person, _ string) { p.says(0, "local deploy horizontal") }, false},
	{"horizontal with an adopted address, to the last row", func(p *person, _ string) {
		address := p.adoptable()
		p.says(0, "local deploy single"+address)
		p.says(0, "local deploy horizontal -c keepServer=none"+address)
	}, false},
	{"a server that was replaced, in the stack's own network", func(p *person, url string) {
		p.runs(true, deploy+" -c imageId="+p.image("one"))
		p.runs(true, deploy+" -c imageId="+p.image("two"))
	}, true},
}

// image is one of that name.
func (p *person) image(name string) string {
	p.Helper()
	return strings.TrimSpace(p.runs(true, "aws ec2 register-image --name kora-"+name+" --architecture x86_64 --root-device-name /dev/sda1 --output text"))
}

// adoptable allocates an address, and returns the keys that adopt it.
func (p *person) adoptable() string {
	p.Helper()
	said := strings.Fields(p.runs(true, "aws ec2 allocate-address --query '[AllocationId, PublicIp]' --output text"))
	return " -c elasticIpAllocationId=" + said[0] + " -c elasticIpAddress=" + said[1]
}

// From wherever one is, the documented commands and those that kora status shows leave the account as it was before the first
// deploy, and single can be deployed again.
func TestRemovingEverything(t *testing.T) {
	p := newPerson(t)
	url := p.up("local up")
	p.shell(url)
	control := &emulator.Client{URL: url}
	fresh, err := control.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) {
			q := &person{t, p.root, p.cache, p.temporary}
			if err := control.Restore(t.Context(), fresh); err != nil {
				t.Fatal(err)
			}
			before := q.statusOfAWS()
			path.walk(q, url)
			q.used(control)
			q.removed(path.sticks)
			if diff := cmp.Diff(q.statusOfAWS(), before); diff != "" {
				t.Errorf("the account (-after +before the first deploy):\n%s", diff)
			}
			q.says(0, "local deploy single")
		})
	}
	p.down()
}

// used is what time and users leave: versions of a file, and daily snapshots.
func (p *person) used(control *emulator.Client) {
	p.Helper()
	for range 2 {
		if err := control.TakeSnapshots(p.Context()); err != nil {
			p.Fatal(err)
		}
	}
	for _, item := range p.statusOfAWS().Items {
		if item.Kind == "bucket" {
			p.runs(true, "for n in 1 2; do echo $n | aws s3 cp - 's3://"+item.Name+"/a file of users'; done; aws s3 rm 's3://"+item.Name+"/a file of users'")
		}
	}
}

// removed follows docs/removing.md.
func (p *person) removed(sticks bool) {
	p.Helper()
	remove, look := p.documented("removing.md")[0], p.documented("removing.md")[1]
	p.runs(!sticks, remove)
	for rounds := 0; ; rounds++ {
		stdout, _, _ := p.says(0, strings.TrimPrefix(look, "kora "))
		_, ends, left := strings.Cut(stdout, "nothing brings back")
		if !left || rounds == 5 {
			return
		}
		for line := range strings.Lines(ends) {
			if command, is := strings.CutPrefix(line, "  "); is {
				p.runs(true, command)
			}
		}
		if sticks {
			p.runs(true, remove)
			sticks = false
		}
	}
}
