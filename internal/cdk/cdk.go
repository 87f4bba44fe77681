// Package cdk names the CDK command line that this project is deployed and tested with.
package cdk

// Version is that of the npm package aws-cdk. What is known of the command line is known of this version.
const Version = "2.1148.1"

// Command is how a person runs the command line with a verb: npx --yes aws-cdk@VERSION VERB.
func Command(verb string) string { return "npx --yes aws-cdk@" + Version + " " + verb }
