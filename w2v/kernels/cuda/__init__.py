"""The kernels for one NVIDIA GPU, in Numba CUDA: which choose words and windows as the CPU's do."""

from w2v.kernels.cards import load_cuda

load_cuda()  # here, so that it is loaded in the one way that works with every NumPy
