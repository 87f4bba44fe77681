package adopt

import (
	"slices"

	"github.com/korakagazindia/provisioner/internal/finding"
)

// beside is the way for a server that cannot be adopted.
const beside = "build a new server beside it: docs/way-in.md"

// Kinds are what can be found of a server that is to be adopted. One of severity stop keeps it out of the stack.
func Kinds() []finding.Kind { return slices.Concat(refusals, warnings, notes) }

// refusals keep a server out of the stack.
var refusals = kindsOf(finding.Stop, [][3]string{
	{"root-user", "who asks is the account's root user, whom no policy can keep from stopping the server",
		"make an IAM user or a role, and use its credentials"},
	{"unread", "who asks may not read something that the decision needs", "give whoever asks the rights of docs/permissions.md"},
	{"not-running", "the server does not run", "aws ec2 start-instances --instance-ids <id>, and look at the app first"},
	{"no-address", "the server holds no Elastic IP: it has another address after each stop",
		"aws ec2 allocate-address; aws ec2 associate-address --allocation-id <eipalloc-...> --instance-id <id>; lead the record there"},
	{"another-address", "the server does not hold the address that cdk.json names",
		"correct elasticIpAddress in cdk.json, or name the server that holds it"},
	{"in-a-stack", "another stack has the server", "take it out there first, kept by DeletionPolicy Retain"},
	{"stack-in-the-way", "the backend's stack has another server, or is in no state to take one in",
		"look at it: aws cloudformation describe-stack-events --stack-name <name>"},
	{"not-ordinary", "a service of AWS has a hand on the server, or it is bought in a special way", beside},
	{"interfaces", "the server has several network interfaces or private addresses, or IPv6", beside},
	{"disks", "the server's root is not an EBS volume, or it has several volumes", beside},
	{"no-subnet", "the server is in no VPC", beside},
	{"profile", "the server has an instance profile, which the stack's replaces: the app loses what it allows",
		"see that the app can do without, and say --replace-profile"},
	{"user-data", "the server was launched with user data, which the template must state: whoever may look can read it",
		"see that no secret is in it, and say --with-user-data"},
	{"groups", "the server has more than three security groups; AWS allows five, and two are the stack's own",
		"put the rules of two into one, and take the other off the server"},
	{"subnets", "no second public subnet in another zone was found, which the load balancer will need",
		"make one, with a route to the internet gateway and public addresses at launch: aws ec2 create-subnet"},
	{"conflict", "cdk.json says something else than the account", "the live server wins: correct the key in cdk.json"},
	{"name-taken", "something has a name that the stack gives: the deploy that makes it fails before it begins",
		"delete it, or choose another name in cdk.json"},
})

var warnings = kindsOf(finding.Warn, [][3]string{
	{"record", "the record stays by hand: it is not one simple A record to the address, or its zone is not known",
		"nothing to do now; at the move to the fleet you turn it yourself: docs/way-in.md"},
	{"open", "a port is open to the whole internet; adopting closes nothing", "narrow the rule when you know who needs it"},
	{"database", "which database is the backend's cannot be told", "set databaseSecurityGroupId in cdk.json"},
	{"certificate", "no issued certificate covers the domain", "request one before the move to the fleet: aws acm request-certificate"},
	{"disk-ends-with-server", "the disk is deleted with the server", "kora adopt import offers to keep it"},
	{"not-read", "who asks may not read something: it is not known, which is not the same as well",
		"give whoever asks the rights of docs/permissions.md, and run it again"},
})

var notes = kindsOf(finding.Note, [][3]string{
	{"tokenless", "something on the server asks for metadata without a token (IMDSv1), which therefore stays allowed",
		"renew that program; after two weeks without, HttpTokens of adoptedServer may become required"},
	{"unencrypted", "the disk is not encrypted, and never will be on this server", "a server born in the stack has an encrypted one"},
	{"key-pair", "the key pair is gone from the account, though the server still takes its key", "before the fleet: another keyPairName"},
	{"kept", "EC2 refuses to end the server (DisableApiTermination): that stays", "nothing to do"},
	{"not-managed", "Systems Manager does not know the server yet; once it has its role that takes up to 30 minutes",
		"wait, or on the server: sudo snap restart amazon-ssm-agent"},
})

func kindsOf(severity finding.Severity, rows [][3]string) []finding.Kind {
	var kinds []finding.Kind
	for _, row := range rows {
		kinds = append(kinds, finding.Kind{Code: row[0], Severity: severity, Means: row[1], Remedy: row[2]})
	}
	return kinds
}
