package adopt

import (
	"fmt"
	"slices"
	"strings"
)

// refuse finds what keeps the server out of the stack.
func (d *deciding) refuse() {
	f := d.facts
	id := f.Server.InstanceID
	for _, u := range f.Unknown {
		if u.Needed {
			d.find("unread", u.What, u.Why)
		}
	}
	d.refuseWho()
	if f.Server.State != "running" && f.Server.State != "" {
		d.find("not-running", id, "it is "+f.Server.State)
	}
	d.refuseAddress()
	d.refuseStack()
	for _, odd := range f.Server.Odd {
		d.find("not-ordinary", id, "it "+odd)
	}
	d.refuseShape()
	d.refuseContents()
}

func (d *deciding) refuseWho() {
	if d.facts.Caller.Root() {
		d.find("root-user", d.facts.Caller.ARN, "you ask as the account's root user")
	}
}

func (d *deciding) refuseAddress() {
	f, want := d.facts, d.config.ElasticIPAddress
	switch {
	case f.Address.IP == "":
		d.find("no-address", f.Server.InstanceID, "it holds no Elastic IP")
	case want != "" && f.Address.IP != want:
		d.find("another-address", f.Server.InstanceID, "it holds "+f.Address.IP+", and cdk.json says "+want)
	case f.Address.AssociationID == "":
		d.find("no-address", f.Server.InstanceID, f.Address.IP+" has no association")
	}
}

// ready are the states of a stack that can take a server in, or has done so.
var ready = []string{"REVIEW_IN_PROGRESS", "IMPORT_COMPLETE", "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE",
	"IMPORT_ROLLBACK_COMPLETE"}

// refuseStack refuses a server of another stack, and a stack that has another server.
func (d *deciding) refuseStack() {
	f, own := d.facts, d.config.StackName()
	if f.Server.Stack != "" && f.Server.Stack != own {
		d.find("in-a-stack", f.Server.Stack, "it has "+f.Server.InstanceID)
	}
	if f.Stack == nil {
		return
	}
	holds := f.Holds["Server"]
	switch empty := len(f.Holds) == 0; {
	case holds != "" && holds != f.Server.InstanceID:
		d.find("stack-in-the-way", own, "its server is "+holds+", not "+f.Server.InstanceID)
	case holds == "" && !empty && f.Stack.Status != "REVIEW_IN_PROGRESS":
		d.find("stack-in-the-way", own, "it is "+f.Stack.Status+", with resources and without this server")
	case !slices.Contains(ready, f.Stack.Status) && !(f.Stack.Status == "ROLLBACK_COMPLETE" && empty):
		d.find("stack-in-the-way", own, "it is "+f.Stack.Status)
	}
}

// refuseShape refuses what the first version does not hold.
func (d *deciding) refuseShape() {
	s := d.facts.Server
	id := s.InstanceID
	if s.SubnetID == "" {
		d.find("no-subnet", id, "it is in no subnet")
	}
	if s.Interfaces > 1 || s.PrivateIPs > 1 || s.IPv6 > 0 {
		d.find("interfaces", id, fmt.Sprintf("network interfaces: %d, private addresses: %d, IPv6 addresses: %d", s.Interfaces, s.PrivateIPs, s.IPv6))
	}
	switch {
	case s.RootType != "ebs":
		d.find("disks", id, "its root device is of the kind "+s.RootType)
	case len(s.Volumes) != 1:
		d.find("disks", id, fmt.Sprintf("it has %d volumes", len(s.Volumes)))
	}
	if len(s.GroupIDs) > 3 && !d.held() {
		d.find("groups", id, "it has "+strings.Join(s.GroupIDs, ", "))
	}
}

// refuseContents refuses what a person has to decide about.
func (d *deciding) refuseContents() {
	f := d.facts
	if f.Server.ProfileARN != "" && !d.choices.ReplaceProfile && !d.joined() {
		reason := f.Server.ProfileARN
		if r := f.Rights; r != nil {
			reason += ", role " + r.Role + ": " + strings.Join(r.Policies, ", ")
		}
		d.find("profile", f.Server.InstanceID, reason)
	}
	if f.Server.UserData != "" && !d.choices.WithUserData && !d.says("UserData") {
		d.find("user-data", f.Server.InstanceID, "it has user data of SHA-256 "+f.Server.UserDataHash[:12])
	}
}

// joined reports whether the backend's stack has given the server its profile.
func (d *deciding) joined() bool {
	profile := d.facts.Holds[profileID]
	return profile != "" && strings.HasSuffix(d.facts.Server.ProfileARN, "/"+profile)
}

// says reports whether cdk.json's adoptedServer has that among what it says more.
func (d *deciding) says(property string) bool {
	server, _ := d.context["adoptedServer"].(map[string]any)
	more, _ := server["more"].(map[string]any)
	return more[property] != nil
}
