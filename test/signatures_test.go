package test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/machine"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// signedCall is one that the machines' program makes, and by whom, where and when.
type signedCall struct {
	Arguments []string `json:"arguments"`
	Region    string   `json:"region"`
	ID        string   `json:"id"`
	Secret    string   `json:"secret"`
	Token     string   `json:"token"`
	Time      int64    `json:"time"`
}

// calls that the scripts make, with values of all kinds of characters.
func signedCalls() []signedCall {
	random := rand.New(rand.NewPCG(1, 2))
	some := func(alphabet string, n int) string {
		var text strings.Builder
		letters := []rune(alphabet)
		for range n {
			text.WriteRune(letters[random.IntN(len(letters))])
		}
		return text.String()
	}
	const keys = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
	text := func() string {
		return some(keys+" *~'\"\\&?%:#,;$@!()[]{}<>|^`-._\t\näßकोर日本🚀", 1+random.IntN(40))
	}
	var all []signedCall
	for i := range 60 {
		for _, arguments := range [][]string{
			{"ssm", "GetParameter", "Name=" + text(), "WithDecryption=true"},
			{"ssm", "GetParametersByPath", "Path=" + text()},
			{"cloudformation", "SignalResource", "StackName=" + text(), "LogicalResourceId=" + text(), "UniqueId=" + text(), "Status=SUCCESS"},
			{"elasticloadbalancing", "DescribeTargetHealth", "TargetGroupArn=" + text(), "Targets.member.1.Id=" + text()},
		} {
			all = append(all, signedCall{arguments, []string{"ap-south-1", "us-east-1", "eu-central-2"}[i%3],
				some(keys[:26], 20), some(keys, 40), some(keys, 400), 1_700_000_000 + random.Int64N(1_000_000_000)})
		}
	}
	return all
}

// The machines' program signs as botocore does, whatever stands in a call; and one that does not is found.
func TestSignaturesAreThoseOfBotocore(t *testing.T) {
	program := machine.Programs[0].Text()
	if wrong := signedOtherwise(t, program); wrong != "" {
		t.Error(wrong)
	}
	for part, other := range map[string]string{
		"hashlib.sha256(body)": "hashlib.sha256(b'')",
		`["POST", "/", ""`:     `["GET", "/", ""`,
		"scope.split":          "scope[1:].split",
		"for k in sorted":      "for k in list",
	} {
		if broken := strings.Replace(program, part, other, 1); broken == program || signedOtherwise(t, broken) == "" {
			t.Errorf("a program with %s in place of %s is not found", other, part)
		}
	}
}

// signedOtherwise is the first call that a program signs otherwise than botocore, "" for none.
func signedOtherwise(t *testing.T, program string) string {
	t.Helper()
	calls := signedCalls()
	in, err := json.Marshal(map[string]any{"program": program, "calls": calls})
	if err != nil {
		t.Fatal(err)
	}
	var said []struct{ Body, Ours, Theirs string }
	python(t, tooltest.Ministack(t), "signatures.py", string(in), &said)
	if len(said) != len(calls) {
		t.Fatalf("%d calls were signed of %d", len(said), len(calls))
	}
	for i, s := range said {
		if s.Ours == "" || s.Ours != s.Theirs {
			return fmt.Sprintf("%v\n%s\nsigned as %s\nand not as %s", calls[i].Arguments, s.Body, s.Ours, s.Theirs)
		}
	}
	return ""
}
