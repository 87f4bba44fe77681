package adopt_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/local"
)

// differing are the lines that are not as they were.
func differing(lines []adopt.Line) []string {
	var all []string
	for _, l := range lines {
		if l.Verdict != adopt.Same {
			all = append(all, string(l.Verdict)+" "+l.What)
		}
	}
	return all
}

// byHand makes a call of EC2's as the console does.
func (p *person) byHand(action string, parameters ...string) {
	p.Helper()
	form := url.Values{"Action": {action}, "Version": {"2016-11-15"}}
	for i := 0; i < len(parameters); i += 2 {
		form.Set(parameters[i], parameters[i+1])
	}
	request, err := http.NewRequestWithContext(p.Context(), http.MethodPost, cloud.URL, strings.NewReader(form.Encode()))
	p.must(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20261126/"+region+"/ec2/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(request)
	p.must(err)
	defer answer.Body.Close()
	if said, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		p.Fatalf("%s: %s %s %v", action, answer.Status, said, err)
	}
}

// What somebody does to the server shows in its check, and nothing shows where nobody does anything.
func TestCheck(t *testing.T) {
	for _, tc := range []struct {
		name string
		done func(*person, *adopt.Facts)
		want []string
	}{
		{"nothing", func(*person, *adopt.Facts) {}, nil},
		{"stopped and started", func(p *person, f *adopt.Facts) {
			p.byHand("StopInstances", "InstanceId.1", f.Server.InstanceID)
			time.Sleep(1100 * time.Millisecond) // a launch time has seconds
			p.byHand("StartInstances", "InstanceId.1", f.Server.InstanceID)
		}, []string{"differs running since"}},
		{"a tag more", func(p *person, f *adopt.Facts) {
			p.byHand("CreateTags", "ResourceId.1", f.Server.InstanceID, "Tag.1.Key", "Cost", "Tag.1.Value", "x")
		}, []string{"differs tags"}},
		{"a tag lost", func(p *person, f *adopt.Facts) {
			p.byHand("DeleteTags", "ResourceId.1", f.Server.InstanceID, "Tag.1.Key", "Owner")
		}, []string{"differs tags"}},
		{"without its address", func(p *person, f *adopt.Facts) {
			p.byHand("DisassociateAddress", "AssociationId", f.Address.AssociationID)
		}, []string{"differs address", "differs association of the address"}},
		{"tokens required", func(p *person, f *adopt.Facts) {
			p.byHand("ModifyInstanceMetadataOptions", "InstanceId", f.Server.InstanceID, "HttpTokens", "required")
		}, []string{"differs metadata options"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := owner(t, local.HandMade{})
			before, err := p.reads("")
			p.must(err)
			root := t.TempDir()
			p.must(adopt.NewPortrait(before, adopt.Site{}, time.Now()).Keep(root))
			was, err := adopt.LoadPortrait(root, before.Server.InstanceID)
			p.must(err)
			tc.done(p, before)
			now, err := p.reads(before.Server.InstanceID)
			p.must(err)
			lines := adopt.Compare(was, now, p.config())
			if diff := cmp.Diff(differing(lines), tc.want); diff != "" || adopt.Sound(lines) != (len(tc.want) == 0) {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// What cannot be read is not sound.
func TestCheckDenied(t *testing.T) {
	p := owner(t, local.HandMade{})
	before, err := p.reads("")
	p.must(err)
	p.must(cloud.Deny(t.Context(), "ec2:DescribeInstanceAttribute"))
	defer func() { p.must(cloud.Deny(t.Context())) }()
	now, err := p.reads("")
	p.must(err)
	if lines := adopt.Compare(adopt.NewPortrait(before, adopt.Site{}, time.Now()), now, p.config()); adopt.Sound(lines) {
		t.Errorf("it is sound: %v", differing(lines))
	}
}

// A join announces a profile, two groups and tags, and no more; a stage its type.
func TestCheckAnnounced(t *testing.T) {
	p := owner(t, local.HandMade{})
	before, err := p.reads("")
	p.must(err)
	was := adopt.NewPortrait(before, adopt.Site{}, time.Now())
	joined := func() *adopt.Facts {
		f, err := p.reads("")
		p.must(err)
		f.Stack = &account.Stack{Name: "KoraBackend", Status: "UPDATE_COMPLETE"}
		f.Holds = map[string]string{"Server": f.Server.InstanceID, "RoleProfile": "KoraBackend-RoleProfile-1", "BackendSecurityGroup": "sg-b", "PublicSecurityGroup": "sg-p"}
		f.Server.ProfileARN = "arn:aws:iam::123456789012:instance-profile/KoraBackend-RoleProfile-1"
		f.Server.GroupIDs = append([]string{"sg-b", "sg-p"}, f.Server.GroupIDs...)
		f.Server.Tags["Name"], f.Server.Tags["App"] = "kora-backend-server", "kora-backend"
		return f
	}
	for _, tc := range []struct {
		name   string
		change func(*adopt.Facts, *config.Config)
		want   []string
	}{
		{"the join", func(*adopt.Facts, *config.Config) {}, []string{"announced security groups", "announced instance profile", "announced tags"}},
		{"a profile of somebody else's", func(f *adopt.Facts, _ *config.Config) {
			f.Server.ProfileARN = "arn:aws:iam::123456789012:instance-profile/other"
		},
			[]string{"announced security groups", "differs instance profile", "announced tags"}},
		{"a group fewer", func(f *adopt.Facts, _ *config.Config) { f.Server.GroupIDs = f.Server.GroupIDs[:2] },
			[]string{"differs security groups", "announced instance profile", "announced tags"}},
		{"a tag lost", func(f *adopt.Facts, _ *config.Config) { delete(f.Server.Tags, "Owner") },
			[]string{"announced security groups", "announced instance profile", "differs tags"}},
		{"vertical", func(f *adopt.Facts, c *config.Config) {
			f.Server.Type, c.Stage, f.Server.Launched = "t2.small", "vertical", f.Server.Launched.Add(time.Hour)
		}, []string{"announced running since", "announced type", "announced security groups", "announced instance profile", "announced tags"}},
		{"a type that nobody said", func(f *adopt.Facts, c *config.Config) { f.Server.Type = "t2.large" },
			[]string{"differs type", "announced security groups", "announced instance profile", "announced tags"}},
		{"the disk is kept", func(f *adopt.Facts, _ *config.Config) { f.Server.RootDevice.DeleteOnTermination = false },
			[]string{"announced the disk's end", "announced security groups", "announced instance profile", "announced tags"}},
		{"the balancer has the record", func(f *adopt.Facts, c *config.Config) {
			f.Record.Alias, f.Record.Values, c.Stage = true, nil, "horizontal"
		}, []string{"announced security groups", "announced instance profile", "announced tags", "announced record"}},
		{"the record leads elsewhere", func(f *adopt.Facts, c *config.Config) { f.Record.Values = []string{"192.0.2.1"} },
			[]string{"announced security groups", "announced instance profile", "announced tags", "differs record"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, c := joined(), p.config()
			tc.change(f, c)
			if diff := cmp.Diff(differing(adopt.Compare(was, f, c)), tc.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// A portrait is its owner's alone, holds no user data, and the first one stays.
func TestPortrait(t *testing.T) {
	p := owner(t, local.HandMade{UserData: "#!/bin/sh\nsecret=1\n"})
	f, err := p.reads("")
	p.must(err)
	root := t.TempDir()
	first := adopt.NewPortrait(f, adopt.Site{Status: 200}, time.Now())
	p.must(first.Keep(root))
	later := *first
	later.Type = "t2.large"
	p.must(later.Keep(root))
	path := root + "/build/adopt/" + f.Server.InstanceID + ".json"
	info, err := os.Stat(path)
	p.must(err)
	text, err := os.ReadFile(path)
	p.must(err)
	if info.Mode().Perm() != 0o600 || strings.Contains(string(text), f.Server.UserData) || strings.Contains(string(text), "t2.large") ||
		!strings.Contains(string(text), f.Server.UserDataHash) {
		t.Errorf("%v\n%s", info.Mode(), text)
	}
	if _, err := adopt.LoadPortrait(root, "i-0"); err == nil || !strings.Contains(err.Error(), "no portrait of i-0") {
		t.Errorf("%v", err)
	}
}

func TestDrift(t *testing.T) {
	lines := adopt.CompareDrift(map[string]account.Drift{"Server": {Status: "MODIFIED", Differences: []string{"/KeyName: a is b"}},
		"AddressAssociation": {Status: "IN_SYNC"}, "Record": {Status: "NOT_CHECKED"}, "Other": {Status: "DELETED"}})
	if diff := cmp.Diff(differing(lines), []string{"differs drift of Server", "announced drift of Record"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// What users find is asked of whoever serves the name; nobody's answer is none.
func TestSite(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "kora.example" && r.URL.Path == "/health" {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}
	}))
	defer server.Close()
	asker := adopt.NewAsker()
	asker.Resolve = func(_ context.Context, name string) ([]string, error) { return []string{"192.0.2.1"}, nil }
	asker.Client.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
		}}
	was := asker.Ask(t.Context(), "kora.example", "/health")
	if diff := cmp.Diff(was, adopt.Site{Addresses: []string{"192.0.2.1"}, Status: 302}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	server.Close()
	asker.Resolve = func(context.Context, string) ([]string, error) { return nil, errors.New("no such host") }
	is := asker.Ask(t.Context(), "kora.example", "/health")
	if diff := cmp.Diff(differing(adopt.CompareSite(was, is)), []string{"differs the name's addresses, asked from here",
		"differs the health check's answer, asked from here"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if lines := adopt.CompareSite(is, was); len(lines) > 0 {
		t.Errorf("what did not answer before is compared: %v", lines)
	}
}
