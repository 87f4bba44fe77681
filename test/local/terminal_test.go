package local_test

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/korakagazindia/provisioner/internal/command"
	"github.com/korakagazindia/provisioner/internal/emulator"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// asKora is the variable that makes this test's program kora, with that command line.
const asKora = "KORA_TEST_LINE"

func TestMain(m *testing.M) {
	line, is := os.LookupEnv(asKora)
	if !is {
		os.Exit(m.Run())
	}
	ctx, stop := command.Interruptible(context.Background())
	code := command.Run(ctx, strings.Fields(line), os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// types runs kora at a terminal, answers its question, and expects that it says that.
func (p *person) types(line, answer, want string) {
	p.Helper()
	self, err := os.Executable()
	if err != nil {
		p.Fatal(err)
	}
	run := exec.CommandContext(p.Context(), tooltest.Ministack(p.T), p.root+"/test/local/testdata/terminal.py", answer, self)
	run.Env = append(os.Environ(), asKora+"="+line, "TERM=xterm")
	run.Dir = p.root
	said, err := run.CombinedOutput()
	if !strings.Contains(string(said), want) {
		p.Errorf("kora %s, answered with %q: %v, and not %q:\n%s", line, answer, err, want, said)
	}
}

// The prompt of a deploy is met here, with each answer that it may get.
func TestPrompt(t *testing.T) {
	p := newPerson(t)
	p.up("local up")
	for _, test := range []struct {
		name, answer, says string
		states             []string
	}{
		{"declined", `n\n`, "Deployment cancelled", []string{""}},
		{"Ctrl-C", `\x03`, "(y/n)", []string{""}},
		// The CDK is ended by the hangup, or reads the end of its input first, which is no.
		{"the window is closed", "", "(y/n)", []string{"REVIEW_IN_PROGRESS", ""}},
		{"approved", `y\n`, "✅", []string{"CREATE_COMPLETE"}},
	} {
		p.types("local deploy single --ask", test.answer, test.says)
		if got := stateOf(p.status()); !slices.Contains(test.states, got) {
			t.Errorf("%s: the stack is %q, want one of %q", test.name, got, test.states)
		}
	}
	p.down()
}

// A report that nobody hears is said to be one, and how long a silence takes.
func TestReportsThatNobodyHears(t *testing.T) {
	p := newPerson(t)
	url := p.up("local up")
	for _, test := range []struct{ line, want string }{
		{"local deploy single --machines failure -c imageId=", "kora: --machines failure: a server started, but nothing waits for its report without imageId or gitRepository"},
		{"local deploy single --machines failure -c imageId=", "kora: --machines failure: no server and no node started in this deploy"},
	} {
		if _, stderr, _ := p.says(0, test.line); !strings.Contains(stderr, test.want) {
			t.Errorf("kora %s does not say %q:\n%s", test.line, test.want, stderr)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil { // the wait begins at some moment
			_ = (&emulator.Client{URL: url}).SkipTime(ctx, time.Minute)
			time.Sleep(100 * time.Millisecond)
		}
	}()
	_, stderr, _ := p.says(1, "local deploy horizontal --machines none")
	stop()
	<-ended
	if want := "CloudFormation waits up to 8 minutes for the first machine"; !strings.Contains(stderr, want) {
		t.Errorf("not %q in\n%s", want, stderr)
	}
	last := stderr[strings.LastIndex(strings.TrimSpace(stderr), "\n")+1:]
	if want := "kora: KoraBackend is UPDATE_ROLLBACK_COMPLETE: kora local status says what that means, and what next\n"; last != want {
		t.Errorf("the last line is %q, want %q", last, want)
	}
	p.down()
}

// What is done first on AWS is done here too: an image of today's server, from which the stack's is made.
func TestImageOfTheServerMadeByHand(t *testing.T) {
	p := newPerson(t)
	p.shell(p.up("local up --hand-made"))
	server := p.theServer(p.status())
	text, err := os.ReadFile(p.root + "/docs/first-deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, line, found := strings.Cut(string(text), "`aws ec2 create-image ")
	if !found {
		t.Fatal("docs/first-deploy.md makes no image")
	}
	line, _, _ = strings.Cut(line, "`")
	image := strings.TrimSpace(p.runs(true, "aws ec2 create-image "+strings.ReplaceAll(line, "<id>", server.ID)+" --query ImageId --output text"))
	p.says(0, "local deploy single -c imageId="+image)
	if got := len(p.status().Servers); got != 2 {
		t.Errorf("%d servers, want that made by hand and the stack's", got)
	}
	p.down()
}
