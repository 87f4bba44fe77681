package adopt

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/korakagazindia/provisioner/internal/config"
)

// Guarded are the actions that the guard denies: all that stop, end or unhook a server, and one that nobody here needs, a picture
// of its screen, by which one can see that the guard is in force. AssociateAddress is not among them: the handler of an instance
// may call it, which changes nothing where the address is held already.
var Guarded = []string{
	"ec2:StopInstances", "ec2:RebootInstances", "ec2:TerminateInstances", "ec2:DisassociateAddress", "ec2:ReleaseAddress",
	"ec2:DetachVolume", "ec2:DetachNetworkInterface", "ec2:DeleteVolume", "ec2:GetConsoleScreenshot",
}

// GuardName is the inline policy's name.
const GuardName = "kora-adopt-guard"

type policy struct {
	Version   string `json:",omitempty"`
	Statement []statement
}

type statement struct {
	Sid       string `json:",omitempty"`
	Effect    string
	Principal string `json:",omitempty"`
	Action    any
	Resource  any
}

func (p policy) text() string {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // texts alone
	}
	return string(text)
}

// GuardPolicy is the guard: CloudFormation without a role of its own acts with the rights of whoever calls it
// (using-iam-servicerole.html), so that what they are denied, it is denied. An explicit deny wins over every allow.
func GuardPolicy() string {
	return policy{"2012-10-17", []statement{{Sid: "KoraAdoptGuard", Effect: "Deny", Action: Guarded, Resource: "*"}}}.text()
}

// StackPolicy lets CloudFormation refuse to replace the server and its association, whatever a template says. That they leave the
// stack it allows: they are retained then.
func StackPolicy() string {
	return policy{Statement: []statement{
		{Effect: "Allow", Principal: "*", Action: "Update:*", Resource: "*"},
		{Effect: "Deny", Principal: "*", Action: "Update:Replace",
			Resource: []string{"LogicalResourceId/" + serverID, "LogicalResourceId/" + associationID}},
	}}.text()
}

// openPolicy allows every update.
func openPolicy() string {
	return policy{Statement: []statement{{Effect: "Allow", Principal: "*", Action: "Update:*", Resource: "*"}}}.text()
}

// Guard is the guard, and the commands that put it on and take it off, for whoever asks.
type Guard struct {
	Policy      string
	StackPolicy string
	Attach      string
	Remove      string
	Lift        string // the stack policy, for the one deploy in which a born server takes the adopted one's place
	Set         string
}

// NewGuard is the guard of a caller. The account's root user has none: no policy binds it.
func NewGuard(c *config.Config, caller Caller) (*Guard, error) {
	kind, name, err := caller.principal()
	if err != nil {
		return nil, err
	}
	attach := fmt.Sprintf("aws iam put-%s-policy --%[1]s-name %s --policy-name %s --policy-document '%s'", kind, name, GuardName, GuardPolicy())
	remove := fmt.Sprintf("aws iam delete-%s-policy --%[1]s-name %s --policy-name %s", kind, name, GuardName)
	if strings.HasPrefix(name, "AWSReservedSSO_") { // whose policies nobody but Identity Center changes
		attach = "# IAM Identity Center: the inline policy of your permission set\n" + GuardPolicy()
		remove = "# IAM Identity Center: take it out of the permission set again"
	}
	stackPolicy := fmt.Sprintf("aws cloudformation set-stack-policy --region %s --stack-name %s --stack-policy-body ", c.Region, c.StackName())
	return &Guard{
		Policy: GuardPolicy(), StackPolicy: StackPolicy(),
		Attach: attach,
		Remove: remove,
		Lift:   stackPolicy + "'" + openPolicy() + "'",
		Set:    stackPolicy + "'" + StackPolicy() + "'",
	}, nil
}

// principal is whose policies bind the caller: a user's, or those of the role whose session it is. A role's path is not in the ARN
// of a session, and neither command wants it.
func (c Caller) principal() (kind, name string, err error) {
	_, resource, _ := strings.Cut(c.ARN, c.Account+":")
	parts := strings.Split(resource, "/")
	switch {
	case c.Root():
		return "", "", fmt.Errorf("%s is the account's root user, whom no policy binds: make an IAM user or a role, and use its credentials", c.ARN)
	case parts[0] == "user" && len(parts) > 1:
		return "user", parts[len(parts)-1], nil
	case parts[0] == "assumed-role" && len(parts) > 2:
		return "role", parts[1], nil
	}
	return "", "", fmt.Errorf("%s is neither a user nor a role's session: the guard is an inline policy of one of these", c.ARN)
}
