package test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var link = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

// What one page points at in the repository is there.
func TestLinks(t *testing.T) {
	pages := []string{root("README.md")}
	err := filepath.WalkDir(root("docs"), func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.Name() == "node_modules" {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".md") {
			pages = append(pages, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for _, page := range pages {
		for _, match := range link.FindAllStringSubmatch(read(t, page), -1) {
			links++
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), match[1])); err != nil {
				t.Errorf("%s points at %s: %v", page, match[1], err)
			}
		}
	}
	if links == 0 {
		t.Error("no page points anywhere")
	}
}

// service is what the README calls a service, by the middle of its CloudFormation types.
var service = map[string]string{
	"AutoScaling": "Auto Scaling", "CertificateManager": "Certificate Manager", "CloudWatch": "CloudWatch", "Logs": "CloudWatch Logs",
	"DLM": "Data Lifecycle Manager", "EC2": "EC2", "ElasticLoadBalancingV2": "Elastic Load Balancing", "ElastiCache": "ElastiCache",
	"IAM": "IAM", "Route53": "Route 53", "S3": "S3", "SNS": "SNS", "SSM": "Systems Manager",
}

// The README's list of rights that a deploy needs names every service that a template makes something in, and no other.
func TestReadmeNamesTheServices(t *testing.T) {
	text := strings.Join(strings.Fields(read(t, root("README.md"))), " ")
	_, rest, found := strings.Cut(text, "create, read, update and delete in: ")
	list, _, ends := strings.Cut(rest, ".")
	if !found || !ends {
		t.Fatal("README.md has no list of services")
	}
	used := map[string]bool{}
	for _, c := range matrix() {
		for _, s := range states(c) {
			for _, r := range must(t, s.context).Resources {
				name := service[strings.Split(r.Type, "::")[1]]
				if name == "" {
					t.Fatalf("%s is of a service that this test has no name for", r.Type)
				}
				used[name] = true
			}
		}
	}
	if diff := cmp.Diff(strings.Split(list, ", "), slices.Sorted(maps.Keys(used))); diff != "" {
		t.Errorf("(-README +templates):\n%s", diff)
	}
}
