// Command app is the CDK app that cdk.json runs. It checks the context, then synthesizes the stage that it names.
//
// With -to DIR it synthesizes the stages named behind it, all of them without, each into a folder of its own in DIR.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/internal/cfn"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/stacks"
)

func main() {
	stderr := os.Stderr
	if err := run(); err != nil {
		fmt.Fprintln(stderr, err)
		os.Exit(1)
	}
}

func run() error {
	to := flag.String("to", "", "synthesize the named stages, or all, each into a folder of its own below `DIR`")
	flag.Parse()
	context, err := readContext()
	if err != nil {
		return err
	}
	wanted := []wanted{{context: context}}
	if *to != "" {
		wanted = each(context, *to, flag.Args())
	}
	validate := false
	for i, w := range wanted {
		c, err := config.FromContext(w.context)
		if err != nil {
			return err
		}
		wanted[i].config, validate = c, validate || c.Validate
	}
	if err := settle(validate); err != nil {
		return err
	}
	defer closeKernel()
	for _, w := range wanted {
		if err := synthesize(w); err != nil {
			return err
		}
	}
	return nil
}

// wanted is one template: its context, once checked its configuration, and where it goes ("" for where the CDK command
// line says).
type wanted struct {
	context map[string]any
	config  *config.Config
	dir     string
}

func each(context map[string]any, dir string, names []string) []wanted {
	if len(names) == 0 {
		names = stage.Names()
	}
	var all []wanted
	for _, name := range names {
		own := map[string]any{}
		for key, value := range context {
			own[key] = value
		}
		own["stage"] = name
		all = append(all, wanted{context: own, dir: filepath.Join(dir, name)})
	}
	return all
}

// readContext takes the context from the CDK command line, or from cdk.json when there is none.
func readContext() (map[string]any, error) {
	if text, ok := os.LookupEnv("CDK_CONTEXT_JSON"); ok {
		context := map[string]any{}
		return context, json.Unmarshal([]byte(text), &context)
	}
	file, err := os.ReadFile("cdk.json")
	if err != nil {
		return nil, fmt.Errorf("no context: run this by 'npx aws-cdk@2.1148.1 synth', or where cdk.json is: %w", err)
	}
	var project struct{ Context map[string]any }
	if err := json.Unmarshal(file, &project); err != nil {
		return nil, fmt.Errorf("cdk.json: %w", err)
	}
	return project.Context, nil
}

// The environment of a synthesis. Validation of the template is three quarters of the time; Node 20's end-of-life notice
// and the places in JavaScript where warnings were added are not the reader's concern.
var quiet = []string{"CDK_VALIDATION=false", "CDK_DISABLE_STACK_TRACE=true", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20"}

// settle starts the program anew in that environment: the kernel copied it before main could set it.
func settle(validate bool) error {
	if validate || os.Getenv("CDK_VALIDATION") == "false" {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(self, os.Args, append(os.Environ(), quiet...))
}

// closeKernel ends the kernel without its last word: Close waits for it twice at once, and the loser of that race prints
// "Runtime process exited abnormally: waitid: no child processes" (jsii-runtime-go, internal/kernel/process).
func closeKernel() {
	os.Stderr, _ = os.Open(os.DevNull)
	jsii.Close()
}

// synthesize writes one template, and takes it back when it is larger than CloudFormation would take.
func synthesize(w wanted) error {
	props := &awscdk.AppProps{AnalyticsReporting: jsii.Bool(false), TreeMetadata: jsii.Bool(false)}
	if w.dir != "" {
		props.Outdir = jsii.String(w.dir)
	}
	app := awscdk.NewApp(props)
	stacks.NewBackend(app, w.config)
	dir := *app.Synth(nil).Directory()
	if w.config.Bootstrapped {
		return nil
	}
	file := filepath.Join(dir, stacks.Name(w.config.Name)+".template.json")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var template any
	if err := json.Unmarshal(text, &template); err != nil {
		return err
	}
	if size := cfn.Size(template); size > cfn.Limit {
		return errors.Join(fmt.Errorf("the template has %d characters as sent, CloudFormation takes %d without a bootstrap bucket: "+
			"run 'npx aws-cdk@2.1148.1 bootstrap' once and set bootstrapped=true", size, cfn.Limit), os.Remove(file))
	}
	return nil
}
