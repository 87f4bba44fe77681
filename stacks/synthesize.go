package stacks

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/internal/cdk"
	"github.com/korakagazindia/provisioner/internal/cfn"
	"github.com/korakagazindia/provisioner/internal/config"
)

// Synthesize writes the cloud assembly of one configuration to dir, "" for where the CDK command line says, and gives the
// template's path. A template larger than CloudFormation takes is an error and is not left behind.
func Synthesize(c *config.Config, dir string) (string, error) {
	props := &awscdk.AppProps{AnalyticsReporting: jsii.Bool(false), TreeMetadata: jsii.Bool(false)}
	if dir != "" {
		props.Outdir = jsii.String(dir)
	}
	app := awscdk.NewApp(props)
	NewBackend(app, c)
	file := filepath.Join(*app.Synth(nil).Directory(), c.StackName()+".template.json")
	if c.Bootstrapped {
		return file, nil
	}
	if err := fits(file); err != nil {
		return "", errors.Join(err, os.Remove(file))
	}
	return file, nil
}

// fits is an error when the template in file is larger than what can be sent, which names what is largest in it.
func fits(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var template map[string]any
	if err := json.Unmarshal(text, &template); err != nil {
		return err
	}
	size := cfn.Size(template)
	if size <= cfn.Limit {
		return nil
	}
	return fmt.Errorf("the template has %d characters as sent, CloudFormation takes %d without a bootstrap bucket: "+
		"run '%s' once and set bootstrapped=true (the largest are %s)", size, cfn.Limit, cdk.Command("bootstrap"), largest(template))
}

// largest names the three resources that take the most of a template, with their characters.
func largest(template map[string]any) string {
	resources, _ := template["Resources"].(map[string]any)
	size := func(id string) int { return cfn.Size(map[string]any{id: resources[id]}) }
	ids := slices.SortedFunc(maps.Keys(resources), func(a, b string) int {
		return cmp.Or(size(b)-size(a), strings.Compare(a, b))
	})
	var named []string
	for _, id := range ids[:min(3, len(ids))] {
		named = append(named, fmt.Sprintf("%s %d", id, size(id)))
	}
	return strings.Join(named, ", ")
}
