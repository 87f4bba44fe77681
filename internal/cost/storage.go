package cost

import (
	"fmt"

	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/template"
)

// bucket counts what is in a bucket and how often it is written and read.
func (c *counter) bucket(r *template.Resource) {
	c.add(r, Storage, "s3/storage", "uploads", same(c.usage.BucketGiB))
	c.add(r, Storage, "s3/put", "uploads written", same(c.usage.BucketPuts/1000))
	c.add(r, Storage, "s3/get", "uploads read", same(c.usage.BucketGets/1000))
}

// cache counts the nodes of a cache.
func (c *counter) cache(r *template.Resource) {
	nodes, known := c.nodes(r)
	kind, kindKnown := c.text(r.Get("CacheNodeType"))
	engine, engineKnown := c.text(first(r.Get("Engine"), "redis"))
	if !known || !kindKnown || !engineKnown {
		c.unpriced(r, "its nodes are known only when it is deployed")
		return
	}
	c.add(r, Caching, "elasticache/"+engine+"/"+kind, fmt.Sprintf("%s, %s", kind, engine), same(nodes*price.HoursPerMonth))
	if kept, _ := c.number(r.Get("SnapshotRetentionLimit"), 0); kept > 0 {
		c.unpriced(r, "backups beyond the first have a price of their own")
	}
}

// nodes is how many nodes a cache has: shards with their replicas, or just nodes.
func (c *counter) nodes(r *template.Resource) (float64, bool) {
	shards, known := c.number(r.Get("NumNodeGroups"), 1)
	replicas, replicasKnown := c.number(r.Get("ReplicasPerNodeGroup"), 0)
	plain, plainKnown := c.number(first(r.Get("NumCacheClusters"), r.Get("NumCacheNodes")), shards*(1+replicas))
	return plain, known && replicasKnown && plainKnown
}

// certificate: public ones cost nothing (AWS Certificate Manager pricing).
func (c *counter) certificate(r *template.Resource) {
	if r.Get("CertificateAuthorityArn") != nil {
		c.unpriced(r, "a private authority's certificate has a price of its own")
	}
}

// database counts the database outside the stack.
func (c *counter) database() {
	if c.usage.RDS == "" {
		return
	}
	c.add(nil, Database, "rds/"+c.usage.RDS, c.usage.RDS+", PostgreSQL", same(price.HoursPerMonth))
	c.add(nil, Database, "rds/storage", "disk of the database", same(c.usage.RDSStorage))
}
