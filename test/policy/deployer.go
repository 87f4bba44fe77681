package policy

// Deployer is who deploys, as the documents of docs/permissions.md name them, with the names that cdk.json commits.
var Deployer = struct{ Account, Region, Stack, Name string }{"123456789012", "ap-south-1", "KoraBackend", "kora-backend"}

// CommandLine lists what the pinned CDK command line asks of AWS for diff, deploy and destroy, by the command that needs it.
// A test of test/deploy holds it to the requests that the command line makes.
var CommandLine = []string{
	"cloudformation:CreateChangeSet",
	"cloudformation:DeleteChangeSet",
	"cloudformation:DeleteStack",
	"cloudformation:DescribeChangeSet",
	"cloudformation:DescribeEvents",
	"cloudformation:DescribeStackEvents",
	"cloudformation:DescribeStacks",
	"cloudformation:ExecuteChangeSet",
	"cloudformation:GetTemplate",
	"cloudformation:UpdateTerminationProtection",
}

// Dynamic is what CloudFormation itself asks for with the caller's rights: the image's id ("Using dynamic references",
// CloudFormation User Guide).
var Dynamic = []string{"ssm:GetParameters"}
