package adopt

import (
	"maps"
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/adopted"
	"github.com/korakagazindia/provisioner/internal/instancetype"
)

// take notes what EC2 says of the server at once.
func (s *Server) take(raw *account.Server) {
	s.raw = *raw
	s.State, s.Launched, s.Type, s.Architecture = raw.State, raw.Launched, raw.Type, raw.Architecture
	s.ImageID, s.KeyName, s.Zone, s.SubnetID, s.VpcID, s.PrivateIP = raw.ImageID, raw.KeyName, raw.Zone, raw.SubnetID, raw.VpcID, raw.PrivateIP
	s.GroupIDs, s.ProfileARN, s.RootType = raw.GroupIDs, raw.ProfileARN, raw.RootType
	s.Interfaces, s.PrivateIPs, s.IPv6, s.Odd = raw.Interfaces, raw.PrivateIPs, raw.IPv6, raw.Odd
	s.Stack = raw.Tags["aws:cloudformation:stack-name"]
	for _, v := range raw.Volumes {
		s.Volumes = append(s.Volumes, Volume{v.VolumeID, v.Device, v.Attached})
	}
	s.Tags = maps.Clone(raw.Tags)
	maps.DeleteFunc(s.Tags, func(key, _ string) bool { return strings.HasPrefix(key, "aws:") })
	s.Metadata = metadata(raw.Metadata)
}

// metadata is what a template says of how a server asks for its metadata: what it always has, and what is not the default
// (aws-properties-ec2-instance-metadataoptions.html).
func metadata(m account.Metadata) map[string]any {
	options := map[string]any{"HttpTokens": m.Tokens, "HttpPutResponseHopLimit": m.HopLimit, "HttpEndpoint": m.Endpoint}
	if m.IPv6 == "enabled" {
		options["HttpProtocolIpv6"] = m.IPv6
	}
	if m.Tags == "enabled" {
		options["InstanceMetadataTags"] = m.Tags
	}
	return options
}

// complete puts what was read beside the server in its place.
func (s *Server) complete() {
	s.RootDevice = s.root()
	s.More = map[string]any{}
	note := func(is bool, name string, value any) {
		if is {
			s.More[name] = value
		}
	}
	note(s.raw.Monitoring, "Monitoring", true)
	note(s.raw.EBSOptimized, "EbsOptimized", true)
	note(!s.raw.SourceDestCheck, "SourceDestCheck", false)
	note(s.credits != "" && s.credits != usualCredits(s.Type), "CreditSpecification", map[string]any{"CPUCredits": s.credits})
	if a := s.attributes; a != nil {
		note(a.Kept, "DisableApiTermination", true)
		note(a.Shutdown != "" && a.Shutdown != "stop", "InstanceInitiatedShutdownBehavior", a.Shutdown)
		s.UserData, s.UserDataHash = a.UserData, account.Hash(a.UserData)
	}
}

// usualCredits is how a type's credits are by default: those of T2 are standard, all others unlimited (EC2 User Guide, "Unlimited
// mode for burstable performance instances").
func usualCredits(name string) string {
	if t, _ := instancetype.Parse(name); t.Family == "t2" {
		return "standard"
	}
	return "unlimited"
}

// root is the disk that the server starts from.
func (s *Server) root() adopted.Disk {
	disk := adopted.Disk{Name: s.raw.RootDevice}
	for _, attached := range s.raw.Volumes {
		if attached.Device != s.raw.RootDevice {
			continue
		}
		disk.DeleteOnTermination = attached.DeleteOnTermination
		for _, v := range s.disks {
			if v.ID == attached.VolumeID {
				disk.GiB, disk.Type, disk.Encrypted = v.GiB, v.Type, v.Encrypted
				disk.IOPS, disk.Throughput = chosen(v)
			}
		}
	}
	return disk
}

// gp3's own, where nobody chooses (EBS User Guide, "General Purpose SSD volumes").
const (
	gp3IOPS       = 3000
	gp3Throughput = 125
)

// chosen are a volume's operations a second and MiB a second where somebody chose them: those of gp2 and of magnetic disks follow
// from their size.
func chosen(v account.Volume) (iops, throughput int) {
	switch v.Type {
	case "io1", "io2":
		return v.IOPS, 0
	case "gp3":
		if v.IOPS != gp3IOPS {
			iops = v.IOPS
		}
		if v.Throughput != gp3Throughput {
			throughput = v.Throughput
		}
	}
	return iops, throughput
}

// zone is the one that holds the domain's record: of several public ones with one name, the one whose record leads to the address;
// nil where there is none, or where that does not tell.
func (f *Facts) zone() *Zone {
	var public, leads []*Zone
	for i, zone := range f.Zones {
		if zone.Private {
			continue
		}
		public = append(public, &f.Zones[i])
		for _, set := range zone.Sets {
			if set.Type == "A" && !set.Alias && len(set.Values) == 1 && set.Values[0] == f.Address.IP {
				leads = append(leads, &f.Zones[i])
				break
			}
		}
	}
	switch {
	case len(public) == 1:
		return public[0]
	case len(leads) == 1:
		return leads[0]
	}
	return nil
}

// record is what the domain's zone has under its name that decides where it leads: what has the address, or else the first.
func (f *Facts) record() *Record {
	zone := f.zone()
	if zone == nil {
		return nil
	}
	var found *Record
	for _, set := range zone.Sets {
		if set.Type != "A" && set.Type != "CNAME" && set.Type != "AAAA" {
			continue
		}
		record := &Record{zone.ID, zone.Name, set.Name, set.Type, set.TTLSeconds, set.Values, set.SetID, set.Alias}
		if found == nil || record.Simple(f.Address.IP) {
			found = record
		}
	}
	return found
}
