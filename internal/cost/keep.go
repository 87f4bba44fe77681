package cost

import (
	"github.com/korakagazindia/provisioner/internal/template"
)

// ends is the command that ends what a retained resource costs.
var ends = map[string]string{
	"AWS::EC2::EIP":                             "aws ec2 release-address --allocation-id <eipalloc-...>",
	"AWS::EC2::EIPAssociation":                  "aws ec2 release-address --allocation-id <eipalloc-...>",
	"AWS::EC2::Instance":                        "aws ec2 terminate-instances --instance-ids <i-...>",
	"AWS::EC2::Volume":                          "aws ec2 delete-volume --volume-id <vol-...>",
	"AWS::DLM::LifecyclePolicy":                 "aws ec2 delete-snapshot --snapshot-id <snap-...>, each",
	"AWS::S3::Bucket":                           "aws s3 rb s3://<bucket>, once all versions are deleted",
	"AWS::Logs::LogGroup":                       "aws logs delete-log-group --log-group-name <name>",
	"AWS::Route53::HostedZone":                  "aws route53 delete-hosted-zone --id <Z...>",
	"AWS::ElastiCache::ReplicationGroup":        "aws elasticache delete-replication-group --replication-group-id <id>",
	"AWS::ElasticLoadBalancingV2::LoadBalancer": "aws elbv2 delete-load-balancer --load-balancer-arn <arn>",
}

// keep lists what stays, billed, when the stack is deleted, or when the resource leaves it.
func (c *counter) keep() {
	for _, r := range c.template.Resources {
		switch {
		case r.Type == "AWS::Route53::RecordSet": // a record costs nothing, its queries do
		case r.Retained():
			c.keepResource(r)
		case r.Open("DeletionPolicy"):
			c.note("whether %s stays in the account when it leaves the stack is known only when it is deployed", r.ID)
		case r.DeletionPolicy == "Snapshot":
			c.keepSnapshot(r)
		case r.Type == "AWS::EC2::Instance":
			c.keepVolumes(r)
		case r.Type == "AWS::EC2::EIPAssociation" && c.target(first(r.Get("AllocationId"), r.Get("EIP"))) == nil:
			c.keepLines(r, "the adopted address")
		case r.Type == "AWS::DLM::LifecyclePolicy":
			// EBS User Guide, "Delete Amazon Data Lifecycle Manager policies": "snapshots ... are not automatically deleted".
			c.keepLines(r, "the snapshots")
		}
	}
}

// keepResource keeps all that a retained resource costs, without its use.
func (c *counter) keepResource(r *template.Resource) {
	items := map[string]string{"AWS::EC2::EIP": "the address", "AWS::S3::Bucket": "the bucket", "AWS::EC2::Instance": "the server",
		"AWS::EC2::Volume": "the disk", "AWS::Logs::LogGroup": "the log lines"}
	item, ok := items[r.Type]
	if !ok {
		item = r.ID
	}
	c.keepLines(r, item)
}

// keepSnapshot keeps the last snapshot of what is deleted: of a volume as much as is written, of all else what is not priced.
func (c *counter) keepSnapshot(r *template.Resource) {
	p, ok := c.book.Price("ebs/snapshot")
	if r.Type != "AWS::EC2::Volume" || !ok {
		c.note("%s leaves a snapshot when it leaves the stack, billed until you delete it", r.ID)
		return
	}
	c.bill.Kept = append(c.bill.Kept, Kept{r.ID, "AWS::EC2::Snapshot", "a snapshot of the disk", same(p.USD * c.usage.DiskUsedGiB),
		"aws ec2 delete-snapshot --snapshot-id <snap-...>"})
}

func (c *counter) keepLines(r *template.Resource, item string) {
	sum := Range{}
	for _, line := range c.bill.Lines {
		if line.LogicalID == r.ID && line.Price != "s3/put" && line.Price != "s3/get" && line.Price != "logs/ingest" {
			sum = sum.Plus(line.Monthly)
		}
	}
	if sum == (Range{}) {
		return
	}
	c.bill.Kept = append(c.bill.Kept, Kept{r.ID, r.Type, item, sum, endOf(r.Type)})
}

// keepVolumes keeps the disks of a server that outlive it (EC2, "DeleteOnTermination": true for a root volume by default).
func (c *counter) keepVolumes(r *template.Resource) {
	sum := Range{}
	for _, mapping := range template.List(r.Get("BlockDeviceMappings")) {
		ebs := template.Get(mapping, "Ebs")
		if ends := template.Get(ebs, "DeleteOnTermination"); ebs == nil || ends == nil || template.True(ends) {
			continue
		}
		kind, _ := c.text(first(template.Get(ebs, "VolumeType"), "gp2"))
		size, _ := c.number(template.Get(ebs, "VolumeSize"), c.usage.ImageGiB)
		if p, ok := c.book.Price("ebs/" + kind); ok {
			sum = sum.Plus(same(p.USD * size))
		}
	}
	if sum != (Range{}) {
		c.bill.Kept = append(c.bill.Kept, Kept{r.ID, "AWS::EC2::Volume", "the server's disk", sum, endOf("AWS::EC2::Volume")})
	}
}

func endOf(kind string) string {
	if command, ok := ends[kind]; ok {
		return command
	}
	return "delete it by hand"
}
