"""The kernels for one NVIDIA GPU, in Numba CUDA: the CPU's draws of windows, another walk."""

from w2v.kernels.cards import load_cuda

load_cuda()  # here, so that it is loaded in the one way that works with every NumPy
