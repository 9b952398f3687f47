global using RedisTopology.Kubernetes;
global using RedisTopology.Testing;
