// Command empty is a CDK app with nothing in it: what test/bench.py measures against.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	awscdk.NewStack(app, jsii.String("Empty"), &awscdk.StackProps{Synthesizer: awscdk.NewLegacyStackSynthesizer()})
	app.Synth(nil)
}
