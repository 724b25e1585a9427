"""Is a film review positive? Layers pretrained by autoencoders, without labels, and layers not.

    python examples/autoencoder.py aclImdb
    python examples/autoencoder.py aclImdb -o autoencoder.svg

A network of two hidden layers gets the mean of the word vectors of a review. Its first layer learns
to make codes of all reviews from which another layer can restore what it was given; its second
layer does the same with the codes of the first. Then 200 labels fine-tune both. The same network
without pretraining, and a linear model, get the same labels. The same is done without vectors, on
which words a review has. Needs PyTorch, scikit-learn and, to draw, matplotlib. (Bengio et al.,
2006; the noise is of Vincent et al., 2008.)
"""

import argparse
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from learning import draw, in_percent, learn, line, linear_accuracies, step
from reviews import Reviews, arguments, known_words, read, seeds_of, split, train_vectors
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import StandardScaler
from torch import nn

import w2v
from w2v.sklearn import MeanEmbedding

CODES, COUNTED_WORDS = (50, 10), 2000
NOISE = 0.3  # the share of the numbers that an autoencoder must do without
PRETRAINING_EPOCHS, PRETRAINING_BATCH, LEARNING_RATE = 10, 128, 1e-3
PRETRAINED, NOT_PRETRAINED = "pretrained", "not pretrained"


def encoders(inputs: int) -> list[nn.Module]:
    """Return the two hidden layers, still random."""
    sizes = (inputs, *CODES)
    return [nn.Sequential(nn.Linear(wide, narrow), nn.Tanh()) for wide, narrow in pairwise(sizes)]


def pretrain(layers: list[nn.Module], inputs: torch.Tensor) -> None:
    """Train each layer as an autoencoder of the codes that the layers before it make."""
    codes = inputs
    for layer in layers:
        autoencode(layer, codes)
        with torch.no_grad():
            codes = layer(codes)


def autoencode(layer: nn.Module, inputs: torch.Tensor) -> None:
    """Train a layer so that a linear one can restore the inputs (n, d) from its codes."""
    decoder = nn.Linear(layer(inputs[:1]).shape[1], inputs.shape[1])
    both = [*layer.parameters(), *decoder.parameters()]
    optimizer = torch.optim.Adam(both, lr=LEARNING_RATE)
    for _ in range(PRETRAINING_EPOCHS):
        for batch in torch.randperm(len(inputs)).split(PRETRAINING_BATCH):
            given = inputs[batch]
            noisy = given * (torch.rand_like(given) >= NOISE)
            step(optimizer, nn.functional.mse_loss(decoder(layer(noisy)), given))


def curves(
    inputs: torch.Tensor, reviews: Reviews, pretrained: bool, options: argparse.Namespace
) -> Any:
    """Return the accuracy after each epoch of fine-tuning (seeds, epochs + 1)."""
    labels = torch.from_numpy(reviews.labels).float()
    found = []
    for seed in seeds_of(options):
        torch.manual_seed(seed)
        layers = encoders(inputs.shape[1])
        if pretrained:
            pretrain(layers, inputs)
        model = nn.Sequential(*layers, nn.Linear(CODES[-1], 1))
        found.append(learn(model, inputs, labels, split(reviews, seed), options.epochs))
    return np.array(found)


def inputs_of(texts: list[list[str]], sources: dict[str, w2v.KeyedVectors]) -> dict[str, Any]:
    """Return what describes each review, float32 (n, d): means of vectors, and words alone."""
    counts = TfidfVectorizer(analyzer=list, max_features=COUNTED_WORDS, sublinear_tf=True)
    words = counts.fit_transform(texts).toarray()
    means = {
        f"vectors of {name}": StandardScaler().fit_transform(
            MeanEmbedding(vectors).fit_transform(texts)
        )
        for name, vectors in sources.items()
    }
    return means | {"words (tf-idf)": (words / words.std()).astype(np.float32)}


def main() -> None:
    """Compare for each kind of input."""
    options = arguments(__doc__)
    torch.set_num_threads(1)  # the networks are small
    reviews = read(options.reviews)
    _, texts = known_words(reviews)
    sources = {"reviews": train_vectors(reviews)}
    sources |= {path.stem: w2v.load(path) for path in options.vectors}
    print(line("inputs", (PRETRAINED, NOT_PRETRAINED, "gain", "linear model")), flush=True)
    panels = {}
    for name, inputs in inputs_of(texts, sources).items():
        arms = {
            PRETRAINED: curves(torch.from_numpy(inputs), reviews, True, options),
            NOT_PRETRAINED: curves(torch.from_numpy(inputs), reviews, False, options),
        }
        last = [accuracies[:, -1] for accuracies in arms.values()]
        linear = linear_accuracies(inputs, reviews, seeds_of(options))
        print(line(name, map(in_percent, (*last, last[0] - last[1], linear))), flush=True)
        panels[name] = arms
    if options.output:
        draw(options.output, panels)


if __name__ == "__main__":
    main()
