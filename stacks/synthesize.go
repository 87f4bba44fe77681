package stacks

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

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
	size, err := sizeAsSent(file)
	if err == nil && size > cfn.Limit {
		err = fmt.Errorf("the template has %d characters as sent, CloudFormation takes %d without a bootstrap bucket: "+
			"run '%s' once and set bootstrapped=true", size, cfn.Limit, cdk.Command("bootstrap"))
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(file))
	}
	return file, nil
}

func sizeAsSent(file string) (int, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	var template any
	err = json.Unmarshal(text, &template)
	return cfn.Size(template), err
}
