// The controller runtime is named here and in Program.cs alone: moving to another one is this line, the csproj and Program.cs.
global using RedisTopology.Kubernetes;
